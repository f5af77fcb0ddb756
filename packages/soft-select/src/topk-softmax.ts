import type { Tensor } from "@tensorflow/tfjs-core";
import { checkNumber, checkRows, wholeIn } from "./checks.js";
import { applyMap } from "./simplex.js";
import { softmaxMap } from "./softmax.js";
import type { MapOptions } from "./types.js";

/**
 * Softmax over the k largest logits of each row, exact zeros elsewhere; the lowest index first among ties.
 *
 *   p = softmax(z/τ) over the top k,   0 elsewhere
 *   ∂L/∂z = (1/τ) p ⊙ (g − ⟨g,p⟩)
 *
 * @param logits - z, `[…, K]`, finite.
 * @param k - in 1 … K.
 * @returns p, `[…, K]`, differentiable in the logits (and in a `Scalar` temperature).
 * @throws ShapeError when the logits are not float32 `[…, K]`, or the mask does not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0, or k is not in 1 … K.
 */
export function topkSoftmax(logits: Tensor, k: number, options: MapOptions = {}): Tensor {
  checkRows("topkSoftmax", "logits", logits);
  checkNumber("topkSoftmax", "k", k, wholeIn(1, logits.shape.at(-1)!));
  return applyMap("topkSoftmax", softmaxMap, logits, { ...options, k });
}
