import type { Rng } from "@x/core";
import { checkFilled, checkInteger, checkValue } from "../checks.js";
import { compensatedSum } from "../sum.js";

/** The outcome of masking some of the tokens of a sequence and predicting them from the others. */
export interface MaskedSample {
  /** Sum of the cross-entropies of the masked tokens, in nats. */
  readonly ceSum: number;
  /** Number of masked tokens l, 1 … length. */
  readonly masked: number;
  /** Number of target tokens L that could have been masked. */
  readonly length: number;
}

/**
 * A Monte Carlo estimate of the bound on the negative log-likelihood under a masked diffusion model.
 *
 *   −log p ≤ E_{l ~ U{1…L}} E_{mask of size l} [ (L/l) Σ_{i masked} CEᵢ ]
 *
 * It holds with equality when the model's conditionals belong to one joint distribution. Samples of one sequence bound that
 * sequence; with samples of several sequences the mean is one over sequences. `perplexity({ sum: mean, count: length })` is
 * the bound per token.
 *
 * @param samples - masks drawn independently, or by `stratifiedMaskCounts`.
 * @returns nats per sequence; `standardError` is that of independent samples (too large for stratified ones), NaN for one.
 * @throws ValueError for an empty list, a sum that is not finite or negative, or `masked` outside 1 … `length`, with the
 *   sample's index.
 * @paper 2502.09992 eq. 6
 */
export function diffusionNllBound(samples: readonly MaskedSample[]): { mean: number; standardError: number } {
  const n = samples.length;
  checkFilled("diffusionNllBound", "samples", samples);
  const estimates = samples.map(({ ceSum, masked, length }, i) => {
    const check = (value: number, rule: string, obeys: boolean) =>
      checkValue("diffusionNllBound", "samples", value, rule, obeys, i);
    check(ceSum, "a sample whose ceSum is finite and ≥ 0", ceSum >= 0 && ceSum < Infinity);
    check(length, "a sample whose length is an integer", Number.isInteger(length));
    check(
      masked,
      "a sample whose masked is an integer in 1 … length",
      Number.isInteger(masked) && masked >= 1 && masked <= length,
    );
    return (length / masked) * ceSum;
  });
  const mean = compensatedSum(estimates) / n;
  const variance = compensatedSum(estimates.map((x) => (x - mean) ** 2)) / (n - 1);
  return { mean, standardError: Math.sqrt(variance / n) };
}

/**
 * Numbers of tokens to mask, spread evenly over 1 … length; each one alone is uniform.
 *
 *   lᵢ = 1 + (u + round(i·length/batch)) mod length,  u uniform in 0 … length − 1,  i = 0 … batch − 1
 *
 * Differs from the paper's official code (ML-GSAI/LLaDA `get_log_likelihood.py`): halves are rounded up, not to even, which
 * keeps every lᵢ exactly uniform.
 *
 * @returns `[batch]`.
 * @throws ValueError when `length` or `batch` is no integer ≥ 1.
 * @paper 2502.09992 eq. 6
 */
export function stratifiedMaskCounts(length: number, batch: number, rng: Rng): Int32Array {
  checkInteger("stratifiedMaskCounts", "length", length, 1);
  checkInteger("stratifiedMaskCounts", "batch", batch, 1);
  const u = rng.int(length);
  return Int32Array.from({ length: batch }, (_, i) => 1 + ((u + Math.round((i * length) / batch)) % length));
}
