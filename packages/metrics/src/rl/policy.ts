import { ValueError } from "@x/core";
import { checkBetween, checkEach, checkFilled, checkLength, type Vec } from "../checks.js";
import { checkLogprob } from "../lm/perplexity.js";
import { compensatedSum } from "../sum.js";

/** Estimates of a divergence from the log-probabilities of sampled tokens. */
export interface KlOptions {
  /** Default `k3`. */
  readonly estimator?: "k1" | "k2" | "k3";
  /** Nats per token, or per sequence. Default `token`. */
  readonly reduce?: "token" | "sequence";
  /** Like the log-probabilities, 1 = counted. Default all. */
  readonly mask?: readonly Vec[];
}

/**
 * The divergence KL(π ‖ π_ref) of a policy from a reference, estimated from tokens that the policy sampled (Schulman,
 * "Approximating KL divergence", 2020).
 *
 *   k1 = −d          unbiased, of high variance
 *   k2 = d²/2        biased, of low variance
 *   k3 = eᵈ − 1 − d  unbiased, never negative,       d = log π_ref(token) − log π(token)
 *
 * `token` is the mean over all counted tokens; `sequence` adds up the tokens of a sequence and takes the mean over the
 * sequences, which by the chain rule estimates the divergence between the distributions of sequences.
 *
 * @param logprobs - log π of each sampled token, a list for each sequence.
 * @param referenceLogprobs - log π_ref of the same tokens.
 * @throws ValueError for no sequences, lists of different lengths, a counted log-probability that is not finite or above
 *   0, a mask that is not 0 or 1, or one that leaves nothing.
 */
export function klEstimate(
  logprobs: readonly Vec[],
  referenceLogprobs: readonly Vec[],
  options: KlOptions = {},
): number {
  const { estimator = "k3", reduce = "token", mask } = options;
  checkFilled("klEstimate", "logprobs", logprobs);
  checkLength("klEstimate", "referenceLogprobs", referenceLogprobs, "logprobs", logprobs.length);
  if (mask) checkLength("klEstimate", "mask", mask, "logprobs", logprobs.length);
  const terms = logprobs.flatMap((row, b) =>
    logRatios(
      "klEstimate",
      { name: `referenceLogprobs[${b}]`, values: referenceLogprobs[b]! },
      { name: `logprobs[${b}]`, values: row },
      { name: `mask[${b}]`, values: mask?.[b] },
    ).map((d) => kl[estimator](d)),
  );
  checkCounted("klEstimate", terms);
  if (terms.includes(Infinity)) return Infinity; // k3 of a token that the policy gave less than e⁻⁷⁰⁹
  return compensatedSum(terms) / (reduce === "token" ? terms.length : logprobs.length);
}

const kl = {
  k1: (d: number) => -d,
  k2: (d: number) => d ** 2 / 2,
  k3: (d: number) => Math.max(0, Math.expm1(d) - d), // rounding may go below 0
};

/**
 * The share of tokens whose probability has left the trust region of PPO since they were sampled.
 *
 *   mean of [|π(token)/π_behavior(token) − 1| > ε]
 *
 * Counted on either side, whatever the sign of the advantage: more tokens than those whose gradient the clipping removes.
 *
 * @param logprobs - `[N]`, log π of each sampled token under the current policy.
 * @param behaviorLogprobs - `[N]`, under the policy that sampled it.
 * @param options - `clip`: ε > 0, default 0.2; `mask`: `[N]`, 1 = counted, default all.
 * @throws ValueError as `klEstimate`, or for ε ≤ 0.
 * @paper 1707.06347 eq. 7
 */
export function clipFraction(
  logprobs: Vec,
  behaviorLogprobs: Vec,
  options: { readonly clip?: number; readonly mask?: Vec } = {},
): number {
  const { clip = 0.2, mask } = options;
  checkBetween("clipFraction", "clip", clip, 0, Infinity);
  const d = logRatios(
    "clipFraction",
    { name: "logprobs", values: logprobs },
    { name: "behaviorLogprobs", values: behaviorLogprobs },
    { name: "mask", values: mask },
  );
  checkCounted("clipFraction", d);
  return d.filter((logRatio) => Math.abs(Math.expm1(logRatio)) > clip).length / d.length;
}

/** log p − log q of the tokens that the mask counts. */
function logRatios(
  caller: string,
  p: { readonly name: string; readonly values: Vec },
  q: { readonly name: string; readonly values: Vec },
  mask: { readonly name: string; readonly values: Vec | undefined },
): number[] {
  checkLength(caller, p.name, p.values, q.name, q.values.length);
  if (mask.values) {
    checkLength(caller, mask.name, mask.values, p.name, p.values.length);
    checkEach(caller, mask.name, mask.values, "0 or 1", (m) => m === 0 || m === 1);
  }
  const found: number[] = [];
  for (let i = 0; i < p.values.length; i++) {
    if (mask.values?.[i] === 0) continue;
    checkLogprob(caller, p.name, p.values[i]!, i);
    checkLogprob(caller, q.name, q.values[i]!, i);
    found.push(p.values[i]! - q.values[i]!);
  }
  return found;
}

function checkCounted(caller: string, tokens: readonly number[]): void {
  if (tokens.length === 0)
    throw new ValueError(`${caller}: at least one token must be counted, got none`, { argument: "mask", value: 0 });
}
