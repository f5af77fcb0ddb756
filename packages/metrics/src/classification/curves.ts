import { checkFinite, checkLength, type Vec } from "../checks.js";
import { checkLabels, checkWeights, positiveMask } from "./examples.js";
import { countByThreshold, type ThresholdCounts } from "./threshold-counts.js";

/** Which label is positive, and how much each example counts. */
export interface BinaryOptions {
  /** The positive label. Default 1; must be given when `yTrue` has more than two labels, the others are then negative. */
  readonly positive?: number;
  /** `[N]`, ≥ 0. Default all 1. */
  readonly sampleWeight?: Vec;
}

/** True against false positive rate; starts at (0, 0) with threshold ∞ and ends at (1, 1). */
export interface RocCurve {
  readonly falsePositiveRate: Float64Array;
  readonly truePositiveRate: Float64Array;
  /** ∞, then the distinct scores, descending; an example is called positive from its threshold on. */
  readonly thresholds: Float64Array;
}

/** Precision against recall; starts at recall 0, precision 1, threshold ∞ and ends at recall 1. */
export interface PrecisionRecallCurve {
  readonly precision: Float64Array;
  readonly recall: Float64Array;
  /** ∞, then the distinct scores, descending. */
  readonly thresholds: Float64Array;
}

/**
 * The ROC curve, one point for each distinct score s.
 *
 *   FPR(s) = Σ w [y = 0, score ≥ s] / Σ w [y = 0],  TPR(s) = Σ w [y = 1, score ≥ s] / Σ w [y = 1]
 *
 * All points are kept (scikit-learn's `drop_intermediate=False`). A rate without examples is NaN.
 *
 * @param yTrue - `[N]`, integer labels.
 * @param yScore - `[N]`, larger for what looks more positive.
 * @throws ValueError for empty lists, lists of different lengths, a label that is no integer or a third one, a score that is
 *   not finite, a weight that is not finite or < 0, or weights that are all 0.
 */
export function rocCurve(yTrue: Vec, yScore: Vec, options: BinaryOptions = {}): RocCurve {
  const { thresholds, truePositives, falsePositives } = binaryCounts("rocCurve", yTrue, yScore, options);
  return {
    falsePositiveRate: sharesOfLast(prefixed(0, falsePositives)),
    truePositiveRate: sharesOfLast(prefixed(0, truePositives)),
    thresholds: prefixed(Infinity, thresholds),
  };
}

/**
 * Precision and recall, one point for each distinct score s.
 *
 *   precision(s) = TP(s) / (TP(s) + FP(s)),  recall(s) = TP(s) / Σ w [y = 1]
 *
 * In scikit-learn the order is the reverse, and recall is 1 where here it is NaN for want of positives.
 *
 * @param yTrue - `[N]`, integer labels.
 * @param yScore - `[N]`, larger for what looks more positive.
 * @throws ValueError as `rocCurve`.
 */
export function precisionRecallCurve(yTrue: Vec, yScore: Vec, options: BinaryOptions = {}): PrecisionRecallCurve {
  const counts = binaryCounts("precisionRecallCurve", yTrue, yScore, options);
  const precision = counts.truePositives.map((tp, k) => tp / (tp + counts.falsePositives[k]!));
  return {
    precision: prefixed(1, precision),
    recall: sharesOfLast(prefixed(0, counts.truePositives)),
    thresholds: prefixed(Infinity, counts.thresholds),
  };
}

/** Checks the arguments of a measure of two classes and counts them. */
export function binaryCounts(caller: string, yTrue: Vec, yScore: Vec, options: BinaryOptions): ThresholdCounts {
  checkLabels(caller, "yTrue", yTrue);
  const positive = positiveMask(caller, yTrue, options.positive);
  checkLength(caller, "yScore", yScore, "yTrue", yTrue.length);
  checkFinite(caller, "yScore", yScore);
  checkWeights(caller, options.sampleWeight, yTrue.length);
  return countByThreshold(yScore, positive, options.sampleWeight);
}

function sharesOfLast(counts: Float64Array): Float64Array {
  return counts.map((count) => count / counts.at(-1)!);
}

function prefixed(first: number, rest: Float64Array): Float64Array {
  const all = new Float64Array(rest.length + 1);
  all[0] = first;
  all.set(rest, 1);
  return all;
}
