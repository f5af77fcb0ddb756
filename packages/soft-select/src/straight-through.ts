import * as tf from "@tensorflow/tfjs-core";
import { checkMap, checkName } from "./checks.js";
import { withValue } from "./custom-gradient.js";
import { entmax15 } from "./entmax15.js";
import { keepAllowed } from "./mask.js";
import { oneHotArgmax } from "./one-hot.js";
import { overTemperature } from "./simplex.js";
import { softmax } from "./softmax.js";
import { sparsemax } from "./sparsemax.js";
import type { MapOptions, Surrogate } from "./types.js";

const surrogates: Readonly<Record<Surrogate, (logits: tf.Tensor, options: MapOptions) => tf.Tensor>> = {
  softmax,
  sparsemax,
  entmax15,
  identity(logits, { temperature, mask }) {
    const x = overTemperature(logits, temperature);
    return mask === undefined ? x : keepAllowed(x, mask);
  },
};

/** Options of `straightThrough`. */
export interface StraightThroughOptions extends MapOptions {
  /** The surrogate. Default `softmax`. */
  readonly backward?: Surrogate | undefined;
}

/**
 * Argmax forward, the gradient of a surrogate backward.
 *
 *   h = e_k,   k = argmaxₖ zₖ   (the lowest index among ties)
 *   ∂L/∂z = (∂p/∂z)ᵀ ∂L/∂h,   p = softmax(z/τ), sparsemax(z/τ), entmax15(z/τ) or, for `identity`, z/τ
 *
 * @param logits - z, `[…, K]`, finite.
 * @returns h, `[…, K]`, exactly 0 and 1; zeros in a row where the mask allows nothing.
 * @throws ShapeError when the logits are not float32 `[…, K]`, or the mask does not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0, or the surrogate is unknown.
 * @paper 1308.3432 straight-through estimator
 */
export function straightThrough(logits: tf.Tensor, options: StraightThroughOptions = {}): tf.Tensor {
  const { backward = "softmax", temperature, mask } = options;
  checkMap("straightThrough", logits, { temperature, mask });
  checkName("straightThrough", "backward", backward, Object.keys(surrogates));
  return tf.tidy(() => {
    const p = surrogates[backward](logits, { temperature, mask });
    return withValue(p, () => oneHotArgmax(logits, mask));
  });
}
