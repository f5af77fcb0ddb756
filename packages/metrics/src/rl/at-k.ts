import { checkFinite, checkInteger, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/**
 * The probability that at least one of k attempts at a problem is right, estimated without bias from n ≥ k attempts: the
 * share of all k-subsets that hold a right one.
 *
 *   1 − C(n − c, k)/C(n, k) = 1 − Πᵢ₌ₙ₋꜀₊₁ⁿ (1 − k/i)
 *
 * For a corpus, `bootstrap(problems.map(({ n, c }) => passAtK(n, c, k)))` of `/stats` gives the mean over problems with
 * its interval: problems are the units, not attempts. The same holds for all functions of this file.
 *
 * @param samples - n.
 * @param correct - c, how many of them are right.
 * @throws ValueError for a count that is no integer, c > n, or k outside 1 … n.
 * @paper 2107.03374 eq. 1
 */
export function passAtK(samples: number, correct: number, k: number): number {
  checkCounts("passAtK", samples, correct, k);
  if (samples - correct < k) return 1;
  let logNone = 0;
  for (let i = samples - correct + 1; i <= samples; i++) logNone += Math.log1p(-k / i);
  return 0 - Math.expm1(logNone);
}

/**
 * The probability that all of k attempts at a problem are right (pass^k), estimated without bias from n ≥ k attempts.
 *
 *   C(c, k)/C(n, k) = Πᵢ₌₀ᵏ⁻¹ (c − i)/(n − i)
 *
 * @param samples - n.
 * @param correct - c, how many of them are right.
 * @throws ValueError as `passAtK`.
 * @paper 2406.12045 pass^k
 */
export function passHatK(samples: number, correct: number, k: number): number {
  checkCounts("passHatK", samples, correct, k);
  let all = 1;
  for (let i = 0; i < k && all > 0; i++) all *= (correct - i) / (samples - i);
  return all;
}

/**
 * The expected best reward of k attempts, estimated without bias from n ≥ k attempts: the mean over all k-subsets.
 *
 *   Σᵢ C(i − 1, k − 1)/C(n, k) · r₍ᵢ₎,  r₍₁₎ ≤ … ≤ r₍ₙ₎
 *
 * @param rewards - `[n]`, in any order.
 * @throws ValueError for an empty list, a number that is not finite, or k outside 1 … n.
 */
export function bestAtK(rewards: Vec, k: number): number {
  return weightedOrder("bestAtK", rewards, k, 1);
}

/**
 * The expected worst reward of k attempts; the mirror image of `bestAtK`.
 *
 *   Σᵢ C(n − i, k − 1)/C(n, k) · r₍ᵢ₎,  r₍₁₎ ≤ … ≤ r₍ₙ₎
 *
 * @throws ValueError as `bestAtK`.
 */
export function worstAtK(rewards: Vec, k: number): number {
  return weightedOrder("worstAtK", rewards, k, -1);
}

/** Σᵢ wᵢ r₍ᵢ₎, where wᵢ is the chance that the i-th in ascending order of sign · r is the largest of a k-subset. */
function weightedOrder(caller: string, rewards: Vec, k: number, sign: 1 | -1): number {
  checkFinite(caller, "rewards", rewards);
  const n = rewards.length;
  checkInteger(caller, "k", k, 1, n);
  const terms = Float64Array.from(rewards, (reward) => sign * reward).sort();
  let weight = k / n;
  for (let i = n; i >= 1; i--) {
    terms[i - 1]! *= weight;
    weight *= (i - k) / (i - 1); // wᵢ₋₁/wᵢ; reaches 0 at i = k and stays there
  }
  return 0 + sign * compensatedSum(terms); // no −0
}

function checkCounts(caller: string, samples: number, correct: number, k: number): void {
  checkInteger(caller, "samples", samples, 1);
  checkInteger(caller, "correct", correct, 0, samples);
  checkInteger(caller, "k", k, 1, samples);
}
