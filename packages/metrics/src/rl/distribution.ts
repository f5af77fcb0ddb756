import { checkEach, checkFilled, checkLength, checkValue, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/**
 * The entropy of a categorical distribution, in nats.
 *
 *   H(p) = −Σᵥ pᵥ log pᵥ,  p = softmax(logits)
 *
 * @param logits - `[V]`; −∞ is probability 0.
 * @throws ValueError for an empty list, NaN, +∞, or nothing above −∞.
 */
export function entropy(logits: Vec): number {
  const logprobs = logSoftmax("entropy", "logits", logits);
  return 0 - compensatedSum(logprobs.map((logp) => (logp === -Infinity ? 0 : Math.exp(logp) * logp)));
}

/**
 * The Kullback–Leibler divergence of a categorical distribution from a reference, in nats.
 *
 *   KL(p ‖ q) = Σᵥ pᵥ (log pᵥ − log qᵥ),  p = softmax(logits), q = softmax(referenceLogits)
 *
 * Infinite where the reference rules out what p does not.
 *
 * @param logits - `[V]`, of the current policy; −∞ is probability 0.
 * @param referenceLogits - `[V]`.
 * @throws ValueError as `entropy`, or for different lengths.
 */
export function exactKl(logits: Vec, referenceLogits: Vec): number {
  checkLength("exactKl", "referenceLogits", referenceLogits, "logits", logits.length);
  const logq = logSoftmax("exactKl", "referenceLogits", referenceLogits);
  const terms = logSoftmax("exactKl", "logits", logits).map((logp, v) =>
    logp === -Infinity ? 0 : Math.exp(logp) * (logp - logq[v]!),
  );
  return terms.includes(Infinity) ? Infinity : Math.max(0, compensatedSum(terms));
}

/**
 * How many equally weighted samples N weighted ones are worth: N when all weights are equal, 1 when one has them all.
 *
 *   (Σᵢ wᵢ)² / Σᵢ wᵢ²
 *
 * Below some N/2, importance-weighted means rest on few samples.
 *
 * @param logWeights - `[N]`, log wᵢ up to a constant, such as log-probability ratios; −∞ is weight 0.
 * @throws ValueError for an empty list, NaN, +∞, or nothing above −∞.
 */
export function effectiveSampleSize(logWeights: Vec): number {
  const logw = logSoftmax("effectiveSampleSize", "logWeights", logWeights); // they sum to 1
  return 1 / compensatedSum(logw.map((w) => Math.exp(2 * w)));
}

/** xᵥ − log Σ exp(x). */
function logSoftmax(caller: string, argument: string, logits: Vec): Float64Array {
  checkFilled(caller, argument, logits);
  checkEach(caller, argument, logits, "a number below +∞", (x) => x < Infinity);
  const x = Float64Array.from(logits);
  const most = x.reduce((a, b) => Math.max(a, b));
  checkValue(caller, argument, most, "above −∞ somewhere", most > -Infinity);
  const logSum = Math.log(compensatedSum(x.map((v) => Math.exp(v - most))));
  return x.map((v) => v - most - logSum);
}
