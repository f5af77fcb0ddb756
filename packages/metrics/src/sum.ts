import type { Vec } from "./checks.js";

/** Σ values with Neumaier's compensation: the rounding error of every addition is kept apart and added at the end. */
export function compensatedSum(values: Vec): number {
  let sum = 0;
  let lost = 0;
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!;
    const next = sum + x;
    lost += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return sum + lost;
}
