import * as tf from "@tensorflow/tfjs-core";
import { checkNumber, finite } from "./checks.js";
import { withGradient } from "./custom-gradient.js";

/**
 * The tensor itself, as a constant: y = x, ∂L/∂x = 0 (a gradient of zeros, so that training continues when nothing else
 * is there).
 */
export function stopGradient<T extends tf.Tensor>(x: T): T {
  return withGradient(x, (input) => [tf.clone(input)], tf.zerosLike) as T;
}

/**
 * The tensor itself, with a scaled gradient: y = x, ∂L/∂x = factor · ∂L/∂y.
 *
 * @param factor - finite; ½ is what MuZero puts between unrolled steps.
 * @throws ValueError when the factor is not finite.
 * @paper 1911.08265 appendix G
 */
export function scaleGradient<T extends tf.Tensor>(x: T, factor: number): T {
  checkNumber("scaleGradient", "factor", factor, finite);
  return withGradient(
    x,
    (input) => [tf.clone(input)],
    (gradient) => tf.mul(gradient, factor),
  ) as T;
}
