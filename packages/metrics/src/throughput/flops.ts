import { checkBetween, checkValue } from "../checks.js";

/**
 * Floating-point operations for each token of a transformer with N weights: a multiplication and an addition for every weight
 * forwards, and twice that backwards.
 *
 *   training 6N,  inference 2N
 *
 * What attention adds with the length of the context is left out: small while 12 × width is much more than the length.
 *
 * @param parameters - N, without embeddings that are only looked up.
 * @param options - `pass`: default `training`.
 * @throws ValueError for a number of weights that is not finite and > 0.
 * @paper 2001.08361 section 2.1
 */
export function flopsPerToken(parameters: number, options: { readonly pass?: "training" | "inference" } = {}): number {
  checkBetween("flopsPerToken", "parameters", parameters, 0, Infinity);
  return (options.pass === "inference" ? 2 : 6) * parameters;
}

/**
 * The share of a device's peak that the model's own operations use (model FLOPs utilisation); what is computed twice to save
 * memory does not count.
 *
 *   tokensPerSecond · flopsPerToken / peak
 *
 * @param tokensPerSecond - such as the `recent` of a rate meter; NaN gives NaN.
 * @param flops - operations for each token.
 * @param peak - operations a second that the device can do at best, at the precision that is used.
 * @throws ValueError for a rate < 0, or operations that are not finite and > 0.
 * @paper 2204.02311 section 4.1
 */
export function utilisation(tokensPerSecond: number, flops: number, peak: number): number {
  checkValue("utilisation", "tokensPerSecond", tokensPerSecond, "≥ 0", !(tokensPerSecond < 0));
  checkBetween("utilisation", "flops", flops, 0, Infinity);
  checkBetween("utilisation", "peak", peak, 0, Infinity);
  return (tokensPerSecond * flops) / peak;
}
