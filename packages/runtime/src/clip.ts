import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import { sumOfSquares } from "./sum-of-squares.js";
import type { NamedTensors } from "./variables.js";

/**
 * The length of all gradients taken as one vector.
 *
 *   ‖g‖ = √Σ g²
 *
 * @returns a scalar; it is not finite exactly when a gradient is not (or its square overflows).
 */
export function globalNorm(grads: NamedTensors): tf.Scalar {
  return tf.tidy(() => tf.sqrt(sumOfSquares([...grads.values()])));
}

/**
 * Scales all gradients together so that their length is at most `clipNorm`, as PyTorch does.
 *
 *   g ← g · min(1, clipNorm / (‖g‖ + 10⁻⁶))
 *
 * @param clipNorm - above 0.
 * @returns the scaled gradients, and `norm`, the length before scaling. The caller owns all of them.
 * @throws ValueError when `clipNorm` is not above 0.
 */
export function clipByGlobalNorm(grads: NamedTensors, clipNorm: number): { grads: NamedTensors; norm: tf.Scalar } {
  checkClipNorm("clipByGlobalNorm", clipNorm);
  const norm = globalNorm(grads);
  return { grads: scaleToNorm(grads, norm, clipNorm), norm };
}

/** The second half of `clipByGlobalNorm`, for a length that is known. */
export function scaleToNorm(grads: NamedTensors, norm: tf.Scalar, clipNorm: number): NamedTensors {
  const scale = tf.tidy(() => tf.minimum(1, tf.div(clipNorm, tf.add(norm, 1e-6))));
  const scaled = new Map(Array.from(grads, ([name, grad]) => [name, tf.mul(grad, scale)] as const));
  scale.dispose();
  return scaled;
}

/** @throws ValueError when `clipNorm` is not above 0. */
export function checkClipNorm(caller: string, clipNorm: number): void {
  if (!(clipNorm > 0)) {
    throw new ValueError(`${caller}: clipNorm must be above 0, got ${clipNorm}`, {
      argument: "clipNorm",
      value: clipNorm,
    });
  }
}
