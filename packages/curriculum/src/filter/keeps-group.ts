import { checkEach, checkFilled, checkShare, checkValue } from "../checks.js";
import { groupVariance } from "./group-variance.js";

/**
 * Which groups of rollouts to learn from.
 *
 * - `"mixed"`: rewards differ by more than 1e-8: the group has a gradient (DAPO); rounding is no difference
 * - `{ low, high }`: low ≤ mean r ≤ high: neither too hard nor too easy
 * - `{ variance }`: `groupVariance` ≥ κ (VCRL)
 */
export type Keep = "mixed" | { readonly low: number; readonly high: number } | { readonly variance: number };

/**
 * Whether to learn from a group of these rewards. Of groups of G rollouts that succeed with probability p, `"mixed"` keeps
 * the share 1 − p^G − (1 − p)^G.
 *
 * @throws ValueError for an empty list and a reward that is not finite (for `{ variance }`: outside [0, 1]).
 * @paper 2503.14476 eq. 11
 * @paper 2509.19803 section 3
 */
export function keepsGroup(rewards: ArrayLike<number>, keep: Keep = "mixed"): boolean {
  checkFilled("keepsGroup", "rewards", rewards);
  checkEach("keepsGroup", "rewards", rewards, "finite", Number.isFinite);
  const r = Array.from(rewards);
  if (keep === "mixed") return r.reduce((a, b) => Math.max(a, b)) - r.reduce((a, b) => Math.min(a, b)) > 1e-8;
  if ("variance" in keep) return groupVariance(r) >= keep.variance;
  const mean = r.reduce((sum, x) => sum + x, 0) / r.length;
  return keep.low <= mean && mean <= keep.high;
}

/** Refuses a rule that keeps nothing or is none. */
export function checkKeep(caller: string, keep: Keep): void {
  if (keep === "mixed") return;
  if (typeof keep === "object" && keep !== null && "variance" in keep) checkShare(caller, "variance", keep.variance);
  else if (typeof keep === "object" && keep !== null && "low" in keep)
    checkValue(caller, "low", keep.low, `at most high (${keep.high})`, keep.low <= keep.high);
  else checkValue(caller, "keep", keep, '"mixed", { low, high } or { variance }', false);
}
