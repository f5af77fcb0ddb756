import { compensatedSum } from "../sum.js";
import { type Confusion, type ConfusionSums, sumsOf } from "./confusion-matrix.js";
import { type OnUndefined, whenDefined } from "./on-undefined.js";
import { weightedMean } from "./weighted-mean.js";

/**
 * The share of examples predicted right.
 *
 *   Σ_k C_kk / Σ C
 *
 * @param confusion - by `confusionMatrix` or a `ConfusionMatrix`.
 * @throws ValueError for labels that are no distinct integers, or counts that are not C², not finite, < 0 or all 0.
 */
export function accuracy(confusion: Confusion): number {
  const { correct, total } = sumsOf("accuracy", confusion);
  return compensatedSum(correct) / total;
}

/**
 * The mean recall of the labels that occur, so that a frequent label counts no more than a rare one.
 *
 *   mean_k C_kk / Σ_p C_kp  over k with Σ_p C_kp > 0
 *
 * @throws ValueError as `accuracy`.
 */
export function balancedAccuracy(confusion: Confusion): number {
  const { actual, correct } = sumsOf("balancedAccuracy", confusion);
  const occurs = actual.map((weight) => (weight > 0 ? 1 : 0));
  return weightedMean(
    correct.map((right, k) => right / actual[k]!),
    occurs,
  );
}

/**
 * Matthews correlation coefficient of true and predicted labels, in [−1, 1]; 0 is chance.
 *
 *   MCC = (n c − t·p) / √((n² − t·t)(n² − p·p))
 *
 * with n the weight of all examples, c of those predicted right, t_k and p_k of those that are and are predicted label k.
 *
 * @param options - `onUndefined`: what stands for it when all labels, true or predicted, are the same. Default 0, its limit
 *   and scikit-learn's choice.
 * @throws ValueError as `accuracy`, and for an undefined value when `onUndefined` is `throw`.
 */
export function mcc(confusion: Confusion, options: { readonly onUndefined?: OnUndefined } = {}): number {
  const { onUndefined = 0 } = options;
  const { overlap, actualSpread, predictedSpread } = moments(sumsOf("mcc", confusion));
  const value = overlap / Math.sqrt(actualSpread * predictedSpread);
  return whenDefined("mcc", "confusion", value, "two true and two predicted labels", onUndefined);
}

/**
 * Cohen's kappa: how far agreement exceeds that of chance; 1 is perfect, 0 is chance.
 *
 *   κ = (p_o − p_e) / (1 − p_e) = (n c − t·p) / (n² − t·p),  p_o = c/n, p_e = t·p/n²
 *
 * with the letters of `mcc`.
 *
 * @param options - `onUndefined`: what stands for it when all labels, true and predicted, are the same. Default NaN.
 * @throws ValueError as `accuracy`, and for an undefined value when `onUndefined` is `throw`.
 */
export function cohenKappa(confusion: Confusion, options: { readonly onUndefined?: OnUndefined } = {}): number {
  const { onUndefined = "nan" } = options;
  const { overlap, jointSpread } = moments(sumsOf("cohenKappa", confusion));
  return whenDefined("cohenKappa", "confusion", overlap / jointSpread, "two labels", onUndefined);
}

function moments({ actual: t, predicted: p, correct, total: n }: ConfusionSums) {
  const dot = (a: Float64Array, b: Float64Array) => compensatedSum(a.map((x, k) => x * b[k]!));
  return {
    overlap: n * compensatedSum(correct) - dot(t, p),
    actualSpread: n * n - dot(t, t),
    predictedSpread: n * n - dot(p, p),
    jointSpread: n * n - dot(t, p),
  };
}
