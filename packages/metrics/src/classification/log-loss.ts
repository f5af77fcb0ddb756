import { checkBetween, checkEach, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";
import type { BinaryOptions } from "./curves.js";
import {
  checkColumns,
  checkLabels,
  checkRowSums,
  checkWeights,
  columnLabels,
  columnOf,
  positiveMask,
} from "./examples.js";

/**
 * Log loss: the mean negative log-likelihood of the true labels, in nats.
 *
 *   −Σᵢ wᵢ ln clip(p_{i, yᵢ}, ε, 1 − ε) / Σᵢ wᵢ
 *
 * Clipped probabilities are not renormalised.
 *
 * @param yTrue - `[N]`, integer labels.
 * @param yProba - `[N]`, probabilities of the positive label; or `[N, C]`, row-major, rows that sum to 1.
 * @param options - `labels`: of the C columns, default 0 … C − 1; `epsilon`: ε, default 2⁻⁵² (for float32 input
 *   scikit-learn takes 2⁻²³).
 * @throws ValueError for empty lists, lengths that do not fit, a label that is no integer, not in `labels` or a third one, a
 *   probability outside [0, 1], a row that does not sum to 1, a weight that is not finite or < 0, weights that are all 0, or
 *   ε outside (0, ½).
 */
export function logLoss(
  yTrue: Vec,
  yProba: Vec,
  options: BinaryOptions & { readonly labels?: Vec; readonly epsilon?: number } = {},
): number {
  const { sampleWeight, epsilon = Number.EPSILON } = options;
  checkBetween("logLoss", "epsilon", epsilon, 0, 0.5);
  checkLabels("logLoss", "yTrue", yTrue);
  checkWeights("logLoss", sampleWeight, yTrue.length);
  const columns = checkColumns("logLoss", "yProba", yProba, yTrue.length);
  checkEach("logLoss", "yProba", yProba, "in [0, 1]", (p) => p >= 0 && p <= 1);

  const probabilities =
    columns === 1 ? ofTwo(yTrue, yProba, options.positive) : ofSeveral(yTrue, yProba, options.labels);
  const nats = probabilities.map((p) => -Math.log(Math.min(Math.max(p, epsilon), 1 - epsilon)));
  if (!sampleWeight) return compensatedSum(nats) / nats.length;
  return compensatedSum(nats.map((nat, i) => nat * sampleWeight[i]!)) / compensatedSum(sampleWeight);
}

/** The probability of each example's label, given that of the positive one. */
function ofTwo(yTrue: Vec, yProba: Vec, positive: number | undefined): Float64Array {
  const mask = positiveMask("logLoss", yTrue, positive);
  return Float64Array.from(yProba, (p, i) => (mask[i] ? p : 1 - p));
}

/** The probability of each example's label, given those of all. */
function ofSeveral(yTrue: Vec, yProba: Vec, labels: Vec | undefined): Float64Array {
  const columns = yProba.length / yTrue.length;
  checkRowSums("logLoss", "yProba", yProba, columns);
  const classes = columnOf("logLoss", "yTrue", yTrue, columnLabels("logLoss", labels, columns));
  return Float64Array.from(classes, (c, i) => yProba[i * columns + c]!);
}
