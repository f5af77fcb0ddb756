import { checkBetween, checkValue } from "../checks.js";
import { compensatedSum } from "../sum.js";
import { type Confusion, sumsOf } from "./confusion-matrix.js";
import { type OnUndefined, whenDefined } from "./on-undefined.js";
import { weightedMean } from "./weighted-mean.js";

/** How the labels' figures become one. */
export interface AverageOptions {
  /**
   * The figure of the positive label alone (`binary`, default), of all labels' counts added up (`micro`), or the mean of
   * the labels' figures, plain (`macro`) or weighted by how often each label is true (`weighted`).
   */
  readonly average?: "binary" | "micro" | "macro" | "weighted";
  /** For `binary`: the positive label. Default 1; must be given for more than two labels. */
  readonly positive?: number;
  /** What stands for a label's 0/0: as `OnUndefined`, or `skip` to leave the label out of the mean. Default `nan`. */
  readonly zeroDivision?: OnUndefined | "skip";
}

/**
 * Precision: the share of the examples predicted as a label that are of that label.
 *
 *   TP / (TP + FP)
 *
 * Undefined for a label that is never predicted: see `zeroDivision` (scikit-learn takes 0 and warns).
 *
 * @param confusion - by `confusionMatrix` or a `ConfusionMatrix`.
 * @throws ValueError as `accuracy`, for a positive label that is missing, or for 0/0 when `zeroDivision` is `throw`.
 */
export function precision(confusion: Confusion, options: AverageOptions = {}): number {
  return averaged("precision", confusion, options, (tp, predicted) => tp / predicted);
}

/**
 * Recall: the share of the examples of a label that are predicted as that label.
 *
 *   TP / (TP + FN)
 *
 * Undefined for a label that never occurs: see `zeroDivision` (scikit-learn takes 0 and warns).
 *
 * @throws ValueError as `precision`.
 */
export function recall(confusion: Confusion, options: AverageOptions = {}): number {
  return averaged("recall", confusion, options, (tp, _, actual) => tp / actual);
}

/**
 * F-score: the weighted harmonic mean of precision and recall.
 *
 *   F_β = (1 + β²) TP / ((1 + β²) TP + β² FN + FP)
 *
 * Undefined for a label that neither occurs nor is predicted: see `zeroDivision` (scikit-learn takes 0 and warns).
 *
 * @param options - `beta`: β > 0, how much more recall counts than precision. Default 1.
 * @throws ValueError as `precision`, or for β that is not finite or ≤ 0.
 */
export function fBeta(confusion: Confusion, options: AverageOptions & { readonly beta?: number } = {}): number {
  const { beta = 1 } = options;
  checkBetween("fBeta", "beta", beta, 0, Infinity);
  const b = beta ** 2;
  return averaged("fBeta", confusion, options, (tp, predicted, actual) => ((1 + b) * tp) / (b * actual + predicted));
}

function averaged(
  caller: string,
  confusion: Confusion,
  options: AverageOptions,
  figure: (tp: number, predicted: number, actual: number) => number,
): number {
  const { average = "binary", zeroDivision = "nan" } = options;
  const { actual, predicted, correct } = sumsOf(caller, confusion);
  const settled = (value: number) =>
    zeroDivision === "skip"
      ? value
      : whenDefined(caller, "confusion", value, "no label whose figure is 0/0", zeroDivision);

  if (average === "micro")
    return settled(figure(compensatedSum(correct), compensatedSum(predicted), compensatedSum(actual)));
  if (average === "binary") {
    const k = positiveIndex(caller, confusion, options.positive);
    return settled(figure(correct[k] ?? 0, predicted[k] ?? 0, actual[k] ?? 0));
  }
  const weights = average === "weighted" ? actual : actual.map(() => 1);
  const figures = correct.map((tp, k) => settled(figure(tp, predicted[k]!, actual[k]!)));
  return weightedMean(figures, weights, zeroDivision === "skip");
}

/** Where the positive label stands; −1 when the only label is another. */
function positiveIndex(caller: string, { labels }: Confusion, positive: number | undefined): number {
  const wanted = positive ?? 1;
  const rule = `one of the ${labels.length} labels, and given when there are more than two`;
  const index = Array.prototype.indexOf.call(labels, wanted);
  checkValue(
    caller,
    "positive",
    wanted,
    rule,
    labels.length === 1 || (index >= 0 && (labels.length === 2 || positive !== undefined)),
  );
  return index;
}
