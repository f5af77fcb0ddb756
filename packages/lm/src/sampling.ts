import { ValueError } from "@x/core";

/** How the next token is drawn. The parts apply in this order; each defaults to doing nothing. */
export interface SamplingOptions {
  /** Divides the logits; 0 takes the most likely token, of equals the lowest. Default 1. */
  readonly temperature?: number;
  /** Keeps the k most likely tokens, of equals the lowest. */
  readonly topK?: number;
  /** Keeps the fewest most likely tokens whose mass reaches p, the one that crosses p included. In (0, 1]. */
  readonly topP?: number;
  /** Keeps tokens at least this many times as likely as the most likely one. In [0, 1]. */
  readonly minP?: number;
}

/** A distribution over some tokens, in rising order; every other token has probability 0. */
export interface TokenDistribution {
  readonly tokens: Int32Array;
  /** Nats. */
  readonly logprobs: Float64Array;
}

/**
 * The distribution that a row of logits is drawn from: temperature, then top-k, top-p, min-p, each on what the one
 * before left and renormalised.
 *
 *   p ∝ exp(z/τ) on the kept tokens;   top-p keeps the least n with p₁ + … + pₙ ≥ topP, p₁ ≥ p₂ ≥ …
 *
 * @param logits - `[V]`; −∞ forbids a token.
 * @throws ValueError for an option outside its domain, a logit that is NaN or +∞, or no token that is allowed.
 * @paper 1904.09751 eq. 2
 */
export function processLogits(logits: ArrayLike<number>, options: SamplingOptions = {}): TokenDistribution {
  const { temperature = 1 } = checkSampling("processLogits", options);
  const best = argmax(logits);
  if (temperature === 0) return { tokens: Int32Array.of(best), logprobs: Float64Array.of(0) };
  const scaled = Float64Array.from(logits, (z) => (z - logits[best]!) / temperature);
  const weights = scaled.map(Math.exp);
  const tokens = truncate(weights, options);
  const logMass = Math.log(massOf(weights, tokens));
  return { tokens, logprobs: Float64Array.from(tokens, (token) => scaled[token]! - logMass) };
}

/** Checks the options and gives them back. */
export function checkSampling(caller: string, options: SamplingOptions): SamplingOptions {
  const { temperature = 1, topK = 1, topP = 1, minP = 0 } = options;
  const rules = [
    ["temperature", temperature, temperature === 0 || isFloat32(temperature), "0, or positive and finite in float32"],
    ["topK", topK, Number.isInteger(topK) && topK >= 1, "an integer ≥ 1"],
    ["topP", topP, topP > 0 && topP <= 1, "in (0, 1]"],
    ["minP", minP, minP >= 0 && minP <= 1, "in [0, 1]"],
  ] as const;
  for (const [argument, value, holds, rule] of rules)
    if (!holds) throw new ValueError(`${caller}: ${argument} must be ${rule}, got ${value}`, { argument, value });
  return options;
}

/** Whether it is positive and finite as float32 too, in which programs divide by it. */
export const isFloat32 = (x: number): boolean => Math.fround(x) > 0 && Math.fround(x) < Number.POSITIVE_INFINITY;

/** The tokens that top-k, top-p and min-p keep, in rising order. `weights` ∝ p, the largest is 1. */
function truncate(weights: Float64Array, { topK = weights.length, topP = 1, minP = 0 }: SamplingOptions): Int32Array {
  let kept: Int32Array = Int32Array.from(weights.keys());
  if (topK < weights.length) {
    const least = weights.slice().sort()[weights.length - topK]!;
    kept = mostLikely(weights, kept, least).slice(0, topK);
  }
  if (topP < 1) {
    const mass = massOf(weights, kept);
    // Tokens below this weight hold too little together to be needed (halved, against rounding): few are left to sort.
    kept = mostLikely(weights, kept, ((1 - topP) * mass) / (2 * kept.length));
    let n = 0;
    for (let sum = 0; n < kept.length && sum < topP * mass; n++) sum += weights[kept[n]!]!;
    kept = kept.slice(0, n);
  }
  return kept.filter((token) => weights[token]! >= minP).sort();
}

/** The tokens with at least the least weight, the most likely first, of equals the lowest first. */
function mostLikely(weights: Float64Array, tokens: Int32Array, least: number): Int32Array {
  return tokens.filter((token) => weights[token]! >= least).sort((a, b) => weights[b]! - weights[a]! || a - b);
}

function massOf(weights: Float64Array, tokens: Int32Array): number {
  return tokens.reduce((sum, token) => sum + weights[token]!, 0);
}

function argmax(logits: ArrayLike<number>): number {
  let best = -1;
  for (let token = 0; token < logits.length; token++) {
    const z = logits[token]!;
    if (!(z < Number.POSITIVE_INFINITY))
      throw new ValueError(`processLogits: logits must not be NaN or +∞, got ${z} for token ${token}`, {
        argument: "logits",
        index: token,
        value: z,
      });
    if (z > (logits[best] ?? Number.NEGATIVE_INFINITY)) best = token;
  }
  if (best >= 0) return best;
  throw new ValueError("processLogits: logits must allow at least one token, got none", {
    argument: "logits",
    value: logits,
  });
}
