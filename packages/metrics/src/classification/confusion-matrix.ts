import { checkEach, checkLength, checkValue, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";
import { checkDistinct, checkLabels, checkWeights, columnOf } from "./examples.js";
import { RunningSum } from "./running-sum.js";

/** How often each label was predicted for each true label: all that the measures of predicted labels need. */
export interface Confusion {
  /** `[C]`, distinct integers. */
  readonly labels: Vec;
  /** `[C, C]`, row-major: the weight of the examples of label t that were predicted as p stands at t·C + p. */
  readonly counts: Vec;
}

/**
 * Counts true against predicted labels.
 *
 *   counts[t, p] = Σᵢ wᵢ [yTrueᵢ = labels_t] [yPredᵢ = labels_p]
 *
 * @param yTrue - `[N]`, integers.
 * @param yPred - `[N]`, integers.
 * @param options - `labels`: default those that occur, ascending; `sampleWeight`: `[N]`, ≥ 0, default all 1.
 * @throws ValueError for empty lists, lists of different lengths, a label that is no integer or not in `labels`, a label
 *   given twice, a weight that is not finite or < 0, or weights that are all 0.
 */
export function confusionMatrix(
  yTrue: Vec,
  yPred: Vec,
  options: { readonly labels?: Vec; readonly sampleWeight?: Vec } = {},
): { labels: number[]; counts: Float64Array } {
  return countPairs("confusionMatrix", yTrue, yPred, options);
}

/** The same under another function's name. */
export function countPairs(
  caller: string,
  yTrue: Vec,
  yPred: Vec,
  options: { readonly labels?: Vec; readonly sampleWeight?: Vec },
): { labels: number[]; counts: Float64Array } {
  const { sampleWeight } = options;
  checkLabels(caller, "yTrue", yTrue);
  checkLabels(caller, "yPred", yPred);
  checkLength(caller, "yPred", yPred, "yTrue", yTrue.length);
  checkWeights(caller, sampleWeight, yTrue.length);
  if (options.labels) checkDistinct(caller, options.labels);
  const labels = Array.from(options.labels ?? distinct(yTrue, yPred));

  const rows = columnOf(caller, "yTrue", yTrue, labels);
  const columns = columnOf(caller, "yPred", yPred, labels);
  const cells = Array.from({ length: labels.length ** 2 }, () => new RunningSum());
  rows.forEach((row, i) => {
    cells[row * labels.length + columns[i]!]!.add(sampleWeight?.[i] ?? 1);
  });
  return { labels, counts: Float64Array.from(cells, (cell) => cell.value) };
}

/** The sums of a confusion matrix. */
export interface ConfusionSums {
  /** Weight of each label among the true ones: Σ_p counts[k, p]. */
  readonly actual: Float64Array;
  /** Weight of each label among the predicted ones: Σ_t counts[t, k]. */
  readonly predicted: Float64Array;
  /** Weight of each label predicted right: counts[k, k]. */
  readonly correct: Float64Array;
  /** Weight of all examples. */
  readonly total: number;
}

/** Checks a confusion matrix and adds it up. */
export function sumsOf(caller: string, { labels, counts }: Confusion): ConfusionSums {
  checkDistinct(caller, labels);
  const size = labels.length;
  checkLength(caller, "counts", counts, "labels squared", size ** 2);
  checkEach(caller, "counts", counts, "finite and ≥ 0", (count) => count >= 0 && count < Infinity);
  const total = compensatedSum(counts);
  checkValue(caller, "counts", total, "> 0 somewhere", total > 0);
  const sums = (cell: (k: number, j: number) => number) =>
    Float64Array.from(labels, (_, k) => compensatedSum(Float64Array.from(labels, (_, j) => counts[cell(k, j)]!)));
  return {
    actual: sums((k, j) => k * size + j),
    predicted: sums((k, j) => j * size + k),
    correct: Float64Array.from(labels, (_, k) => counts[k * size + k]!),
    total,
  };
}

function distinct(...lists: Vec[]): number[] {
  const found = new Set<number>();
  for (const list of lists) for (let i = 0; i < list.length; i++) found.add(list[i]!);
  return [...found].sort((a, b) => a - b);
}
