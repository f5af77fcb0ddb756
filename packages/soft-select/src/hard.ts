import * as tf from "@tensorflow/tfjs-core";
import { checkMap } from "./checks.js";
import { withGradient } from "./custom-gradient.js";
import { oneHotArgmax } from "./one-hot.js";
import type { MapOptions } from "./types.js";

/**
 * Argmax as a one-hot, with gradient zero (a gradient of zeros, so that training goes on when nothing else is there).
 *
 *   h = e_k,   k = argmaxₖ zₖ   (the lowest index among ties)
 *
 * @param logits - z, `[…, K]`.
 * @returns h, `[…, K]`, exactly 0 and 1; zeros in a row where the mask allows nothing.
 * @throws ShapeError when the logits are not float32 `[…, K]`, or the mask does not broadcast to them.
 */
export function hard(logits: tf.Tensor, { mask }: Pick<MapOptions, "mask"> = {}): tf.Tensor {
  checkMap("hard", logits, { mask });
  return tf.tidy(() => withGradient(logits, (z) => [oneHotArgmax(z, mask)], tf.zerosLike));
}
