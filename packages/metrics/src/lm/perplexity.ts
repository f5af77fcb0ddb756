import { checkFilled, checkLength, checkValue, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/**
 * The negative log-likelihood of some tokens as a sum and a count. Corpora, batches and workers merge by adding both; means
 * of means would weigh short documents and last batches too much.
 */
export interface NllSum {
  /** −Σ w·log p, in nats. */
  readonly sum: number;
  /** Σ w; without weights the number of tokens that were scored. */
  readonly count: number;
}

/** Which tokens count, and how much. */
export interface TokenOptions {
  /** `[T]`, 1 = scored, 0 = left out, whatever its log-probability. Default all 1. */
  readonly mask?: Vec;
  /** `[T]`, ≥ 0. Default all 1. */
  readonly weights?: Vec;
}

/**
 * Sums the negative log-likelihood of tokens.
 *
 *   sum = −Σᵢ mᵢ wᵢ log pᵢ,  count = Σᵢ mᵢ wᵢ
 *
 * @param logprobs - `[T]`, natural logarithms of the probabilities of the tokens that were there.
 * @throws ValueError for lists of different lengths, a mask that is not 0 or 1, a weight < 0, or a scored log-probability
 *   that is not finite or above 0 (up to 1e-3 for the rounding of float32).
 */
export function sumNll(logprobs: Vec, options: TokenOptions = {}): NllSum {
  const { mask, weights } = options;
  if (mask) checkLength("sumNll", "mask", mask, "logprobs", logprobs.length);
  if (weights) checkLength("sumNll", "weights", weights, "logprobs", logprobs.length);
  const nats = new Float64Array(logprobs.length);
  const counts = new Float64Array(logprobs.length);
  for (let i = 0; i < logprobs.length; i++) {
    if (mask) checkValue("sumNll", "mask", mask[i]!, "0 or 1", mask[i] === 0 || mask[i] === 1, i);
    if (mask?.[i] === 0) continue;
    const weight = weights?.[i] ?? 1;
    checkValue("sumNll", "weights", weight, "finite and ≥ 0", weight >= 0 && weight < Infinity, i);
    checkLogprob("sumNll", "logprobs", logprobs[i]!, i);
    nats[i] = -weight * logprobs[i]!;
    counts[i] = weight;
  }
  return { sum: compensatedSum(nats), count: compensatedSum(counts) };
}

/** Refuses what cannot be a log-probability: most often it is a loss, or the logarithm of 0. */
export function checkLogprob(caller: string, argument: string, logprob: number, index?: number): void {
  const holds = logprob <= 1e-3 && logprob > -Infinity; // log-softmax in float32 can round to just above 0
  checkValue(caller, argument, logprob, "a finite log-probability ≤ 0", holds, index);
}

/**
 * The sums of several documents, batches or workers as one.
 *
 * @throws ValueError when a part is not finite or its count is negative.
 */
export function mergeNll(parts: readonly NllSum[]): NllSum {
  for (const part of parts) checkNll("mergeNll", part, 0);
  return {
    sum: compensatedSum(parts.map((part) => part.sum)),
    count: compensatedSum(parts.map((part) => part.count)),
  };
}

/**
 * Nats per token: `sum / count`.
 *
 * @throws ValueError when no token was scored.
 */
export function meanNll(nll: NllSum): number {
  checkNll("meanNll", nll, Number.MIN_VALUE);
  return nll.sum / nll.count;
}

/**
 * Bits per token: `sum / (count · ln 2)`.
 *
 * @throws ValueError when no token was scored.
 */
export function bitsPerToken(nll: NllSum): number {
  return meanNll(nll) / Math.LN2;
}

/**
 * Perplexity over all tokens together.
 *
 *   exp(sum / count)
 *
 * Between models with different tokenizers compare `bitsPerByte`.
 *
 * @throws ValueError when no token was scored.
 */
export function perplexity(nll: NllSum): number {
  return Math.exp(meanNll(nll));
}

/**
 * The mean of the documents' own perplexities, **not** the perplexity of the corpus: one hard short document can dominate it.
 * For comparison with tools that report this figure.
 *
 *   Σ_d exp(sum_d / count_d) / D
 *
 * @throws ValueError for an empty list or a document without a scored token.
 */
export function meanDocumentPerplexity(documents: readonly NllSum[]): number {
  checkFilled("meanDocumentPerplexity", "documents", documents);
  return compensatedSum(documents.map(perplexity)) / documents.length;
}

/** Refuses sums that are not finite and counts below `least`. */
export function checkNll(caller: string, nll: NllSum, least: number): void {
  const { sum, count } = nll;
  const rule = least === 0 ? "finite and ≥ 0" : "> 0: at least one token must be scored";
  checkValue(caller, "sum", sum, "finite", Number.isFinite(sum));
  checkValue(caller, "count", count, rule, count >= least && count < Infinity);
}
