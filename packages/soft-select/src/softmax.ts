import * as tf from "@tensorflow/tfjs-core";
import { applyMap, type SimplexMap } from "./simplex.js";
import type { MapOptions } from "./types.js";

/** s = p. */
export const softmaxMap: SimplexMap = { weights: (x) => tf.softmax(x), slopes: (p) => p };

/**
 * Softmax with a temperature and a mask.
 *
 *   p = exp(z/τ) / Σ exp(z/τ)
 *   ∂L/∂z = (1/τ) p ⊙ (g − ⟨g,p⟩)
 *
 * @param logits - z, `[…, K]`, finite.
 * @returns p, `[…, K]`, differentiable in the logits (and in a `Scalar` temperature).
 * @throws ShapeError when the logits are not float32 `[…, K]`, or the mask does not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0.
 */
export function softmax(logits: tf.Tensor, options: MapOptions = {}): tf.Tensor {
  return applyMap("softmax", softmaxMap, logits, options);
}
