import type { Vec } from "../checks.js";
import { RunningSum } from "./running-sum.js";

/** How much would be called positive at each threshold: the examples whose score is at least that. */
export interface ThresholdCounts {
  /** The distinct scores, descending. */
  readonly thresholds: Float64Array;
  /** Weight of the positives with score ≥ threshold; the last is the weight of all. */
  readonly truePositives: Float64Array;
  /** Weight of the negatives with score ≥ threshold; the last is the weight of all. */
  readonly falsePositives: Float64Array;
}

/**
 * Counts the positives and negatives above each distinct score, on which every ranking measure rests. Examples of weight 0
 * give no threshold.
 *
 * @param positive - 1 = positive, 0 = negative.
 */
export function countByThreshold(scores: Vec, positive: Uint8Array, weights?: Vec): ThresholdCounts {
  return weights ? countWeighted(scores, positive, weights) : countMerged(scores, positive);
}

/** Sorts positives and negatives apart, which numbers alone do many times faster than indices, and merges from above. */
function countMerged(scores: Vec, positive: Uint8Array): ThresholdCounts {
  const n = scores.length;
  let p = 0;
  for (let i = 0; i < n; i++) p += positive[i]!;
  let q = n - p;
  const positives = new Float64Array(p + 1);
  const negatives = new Float64Array(q + 1);
  positives[0] = negatives[0] = -Infinity; // stays in front and ends the merge
  for (let i = 0; i < n; i++) {
    if (positive[i]) positives[p--] = scores[i]!;
    else negatives[q--] = scores[i]!;
  }
  positives.sort();
  negatives.sort();

  const counts = empty(n);
  let size = 0;
  p = positives.length - 1;
  q = negatives.length - 1;
  while (p + q > 0) {
    const threshold = Math.max(positives[p]!, negatives[q]!);
    while (positives[p] === threshold) p--;
    while (negatives[q] === threshold) q--;
    counts.thresholds[size] = threshold;
    counts.truePositives[size] = positives.length - 1 - p;
    counts.falsePositives[size++] = negatives.length - 1 - q;
  }
  return firstOf(counts, size);
}

function countWeighted(scores: Vec, positive: Uint8Array, weights: Vec): ThresholdCounts {
  const order = new Uint32Array(scores.length).map((_, i) => i).filter((i) => weights[i]! > 0);
  order.sort((i, j) => scores[j]! - scores[i]!);
  const counts = empty(order.length);
  const truePositives = new RunningSum();
  const falsePositives = new RunningSum();
  let size = 0;
  order.forEach((i, rank) => {
    (positive[i] ? truePositives : falsePositives).add(weights[i]!);
    if (scores[i] === scores[order[rank + 1]!]) return;
    counts.thresholds[size] = scores[i]!;
    counts.truePositives[size] = truePositives.value;
    counts.falsePositives[size++] = falsePositives.value;
  });
  return firstOf(counts, size);
}

function empty(size: number): ThresholdCounts {
  return {
    thresholds: new Float64Array(size),
    truePositives: new Float64Array(size),
    falsePositives: new Float64Array(size),
  };
}

function firstOf(counts: ThresholdCounts, size: number): ThresholdCounts {
  return {
    thresholds: counts.thresholds.subarray(0, size),
    truePositives: counts.truePositives.subarray(0, size),
    falsePositives: counts.falsePositives.subarray(0, size),
  };
}
