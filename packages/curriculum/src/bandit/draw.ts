import type { Rng } from "@x/core";
import { checkPositive } from "../checks.js";

/**
 * A Gamma(shape, 1) variate, by Marsaglia and Tsang's method (2000).
 *
 *   d v with d = shape − ⅓, v = (1 + z / √(9 d))³, z standard normal, accepted if ln u < z²/2 + d (1 − v + ln v),
 *   which u < 1 − 0.0331 z⁴ implies
 *
 * @throws ValueError when `shape` is not finite and > 0.
 */
export function drawGamma(rng: Rng, shape: number): number {
  checkPositive("drawGamma", "shape", shape);
  return Math.exp(logGammaVariate(rng, shape));
}

/**
 * A Beta(a, b) variate: x / (x + y), x ~ Gamma(a), y ~ Gamma(b), in logarithms, so that small parameters do not underflow.
 *
 * @throws ValueError when `a` or `b` is not finite and > 0.
 */
export function drawBeta(rng: Rng, a: number, b: number): number {
  checkPositive("drawBeta", "a", a);
  checkPositive("drawBeta", "b", b);
  return 1 / (1 + Math.exp(-logOddsVariate(rng, a, b)));
}

/** ln (x / (1 − x)) of a Beta(a, b) variate x: exact also where x itself would round to 0 or 1. */
export function logOddsVariate(rng: Rng, a: number, b: number): number {
  return logGammaVariate(rng, a) - logGammaVariate(rng, b);
}

function logGammaVariate(rng: Rng, shape: number): number {
  // Gamma(shape) = Gamma(shape + 1) · u^{1/shape}
  if (shape < 1) return logGammaVariate(rng, shape + 1) + Math.log(1 - rng.float()) / shape;
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const z = rng.normal();
    const root = 1 + c * z;
    const v = root * root * root;
    if (v <= 0) continue;
    const u = 1 - rng.float();
    const square = z * z;
    if (u < 1 - 0.0331 * square * square || Math.log(u) < square / 2 + d * (1 - v + Math.log(v)))
      return Math.log(d * v);
  }
}
