import { ValueError } from "@x/core";
import { checkEach, checkFinite, checkInteger, checkLength, type Vec } from "../checks.js";
import { sortedQuantile } from "../stats/quantile.js";
import { compensatedSum } from "../sum.js";

/** How confidences are put into bins. */
export interface BinOptions {
  /** Number of bins. */
  readonly bins?: number;
  /** Bins of equal width, or of equal numbers of predictions. Default `width`. */
  readonly scheme?: "width" | "mass";
}

/** Confidences against outcomes, bin by bin; empty bins are left out. */
export interface CalibrationCurve {
  /** Mean confidence of each bin. */
  readonly confidence: Float64Array;
  /** Share of the bin's predictions that were right. */
  readonly accuracy: Float64Array;
  /** Number of predictions in the bin. */
  readonly counts: Int32Array;
}

/**
 * How often predictions were right, by how sure they were. Bins are (low, high]; 0 belongs to the first.
 *
 * @param confidence - `[N]`, probabilities in [0, 1].
 * @param correct - `[N]`, 1 = right, 0 = wrong (or the labels of a binary problem).
 * @param options - `bins`: default 5, as scikit-learn.
 * @throws ValueError for empty lists, lists of different lengths, a confidence outside [0, 1], an outcome that is not 0 or
 *   1, or fewer than one bin.
 */
export function calibrationCurve(confidence: Vec, correct: Vec, options: BinOptions = {}): CalibrationCurve {
  return binned("calibrationCurve", confidence, correct, { bins: 5, ...options });
}

/**
 * Expected calibration error: how far confidence and accuracy are apart.
 *
 *   l1:  Σ_b (n_b/N) |accuracy_b − confidence_b|
 *   l2:  √Σ_b (n_b/N) (accuracy_b − confidence_b)²
 *   max: max_b |accuracy_b − confidence_b|
 *
 * @param confidence - `[N]`, probability of the predicted class, in [0, 1].
 * @param correct - `[N]`, 1 = right, 0 = wrong.
 * @param options - `bins`: default 15; `norm`: default `l1`.
 * @throws ValueError as `calibrationCurve`.
 * @paper 1706.04599 eq. 3
 */
export function ece(
  confidence: Vec,
  correct: Vec,
  options: BinOptions & { readonly norm?: "l1" | "l2" | "max" } = {},
): number {
  const { norm = "l1" } = options;
  const curve = binned("ece", confidence, correct, { bins: 15, ...options });
  const gaps = curve.accuracy.map((accuracy, b) => Math.abs(accuracy - curve.confidence[b]!));
  if (norm === "max") return gaps.reduce((a, b) => Math.max(a, b));
  const share = (b: number) => curve.counts[b]! / confidence.length;
  if (norm === "l2") return Math.sqrt(compensatedSum(gaps.map((gap, b) => share(b) * gap ** 2)));
  return compensatedSum(gaps.map((gap, b) => share(b) * gap));
}

/**
 * Brier score: the mean squared distance between probabilities and outcomes; 0 is perfect.
 *
 *   Σᵢ Σ_k (p_ik − [k = labelᵢ])² / N, halved for two classes
 *
 * Halving makes it (p − y)² for two classes, in [0, 1] there and in [0, 2] beyond (scikit-learn's `scale_by_half="auto"`).
 *
 * @param probs - `[N]`, the probability of class 1, or `[N, K]`, row-major, rows that sum to 1.
 * @param labels - `[N]`, classes 0 … K − 1.
 * @throws ValueError for empty lists, lengths that do not fit, a probability outside [0, 1], a row that does not sum to 1
 *   within 1e-5, or a label that is no class.
 */
export function brier(probs: Vec, labels: Vec): number {
  checkFinite("brier", "labels", labels);
  checkFinite("brier", "probs", probs);
  checkEach("brier", "probs", probs, "in [0, 1]", (p) => p >= 0 && p <= 1);
  const n = labels.length;
  if (probs.length % n !== 0)
    throw new ValueError(`brier: probs must hold a multiple of the ${n} labels, got ${probs.length}`, {
      argument: "probs",
      value: probs.length,
    });
  const columns = probs.length / n;
  const classes = Math.max(columns, 2);
  checkEach(
    "brier",
    "labels",
    labels,
    `a class in 0 … ${classes - 1}`,
    (label) => Number.isInteger(label) && label >= 0 && label < classes,
  );
  if (columns === 1) return compensatedSum(Float64Array.from(probs, (p, i) => (p - labels[i]!) ** 2)) / n;
  const squares = Float64Array.from({ length: n }, (_, row) => {
    let sum = 0;
    let square = 0;
    for (let k = 0; k < classes; k++) {
      const p = probs[row * classes + k]!;
      sum += p;
      square += (p - (labels[row] === k ? 1 : 0)) ** 2;
    }
    if (Math.abs(sum - 1) > 1e-5)
      throw new ValueError(`brier: row ${row} of probs must sum to 1, got ${sum}`, {
        argument: "probs",
        index: row * classes,
        value: sum,
      });
    return square;
  });
  return compensatedSum(squares) / n / (classes === 2 ? 2 : 1);
}

function binned(
  caller: string,
  confidence: Vec,
  correct: Vec,
  { bins, scheme = "width" }: BinOptions & { readonly bins: number },
): CalibrationCurve {
  checkFinite(caller, "confidence", confidence);
  checkEach(caller, "confidence", confidence, "in [0, 1]", (p) => p >= 0 && p <= 1);
  checkLength(caller, "correct", correct, "confidence", confidence.length);
  checkEach(caller, "correct", correct, "0 or 1", (y) => y === 0 || y === 1);
  checkInteger(caller, "bins", bins, 1);
  const sorted = Float64Array.from(confidence).sort();
  const innerEdges = Array.from({ length: bins - 1 }, (_, i) =>
    scheme === "width" ? (i + 1) / bins : sortedQuantile(sorted, (i + 1) / bins),
  );
  const counts = new Int32Array(bins);
  const confidenceSum = new Float64Array(bins);
  const correctSum = new Float64Array(bins);
  for (let i = 0; i < confidence.length; i++) {
    const above = innerEdges.findIndex((edge) => confidence[i]! <= edge);
    const bin = above === -1 ? bins - 1 : above;
    counts[bin]!++;
    confidenceSum[bin]! += confidence[i]!;
    correctSum[bin]! += correct[i]!;
  }
  const filled = Array.from(counts.keys()).filter((bin) => counts[bin]! > 0);
  return {
    confidence: Float64Array.from(filled, (bin) => confidenceSum[bin]! / counts[bin]!),
    accuracy: Float64Array.from(filled, (bin) => correctSum[bin]! / counts[bin]!),
    counts: Int32Array.from(filled, (bin) => counts[bin]!),
  };
}
