import type { Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/**
 * Σ w·x / Σ w. Entries of weight 0 do not count, whatever their value; with `skipNaN` nor do those that are NaN.
 * NaN when nothing counts.
 */
export function weightedMean(values: Vec, weights: Vec, skipNaN = false): number {
  const kept = Array.from(values, (_, k) => k).filter((k) => weights[k]! > 0 && !(skipNaN && Number.isNaN(values[k])));
  return compensatedSum(kept.map((k) => weights[k]! * values[k]!)) / compensatedSum(kept.map((k) => weights[k]!));
}
