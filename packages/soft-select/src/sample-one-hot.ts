import * as tf from "@tensorflow/tfjs-core";
import { checkFits, checkMap, checkName } from "./checks.js";
import { withGradient, withValue } from "./custom-gradient.js";
import { oneHotArgmax } from "./one-hot.js";
import { overTemperature, pullBack } from "./simplex.js";
import { softmax } from "./softmax.js";
import type { MapOptions } from "./types.js";

/** Options of `sampleOneHot`. */
export interface SampleOptions extends MapOptions {
  /** G, Gumbel noise broadcastable to the logits; from `gumbelNoise`. */
  readonly noise: tf.Tensor;
  /** The gradient. Default `softmax`. */
  readonly backward?: "softmax" | "reinmax" | undefined;
}

/**
 * A draw d from a categorical distribution as a one-hot, with a straight-through gradient.
 *
 * `softmax`: exact in the mean for a loss that is linear in d.
 *
 *   d = one-hot(argmax(z/τ + G)) ∼ π,   π = softmax(z/τ)
 *   ∂L/∂z = (1/τ) J(π)ᵀg,   J(π)ᵀg = π ⊙ (g − ⟨g,π⟩)
 *
 * `reinmax`: at τ = 1 exact in the mean for a quadratic loss too; τ leaves the draw alone and takes no gradient.
 *
 *   d = one-hot(argmax(z + G)) ∼ π₀,   π₀ = softmax(z),   π₁ = (d + softmax(z/τ)) / 2
 *   ∂L/∂z = 2 J(π₁)ᵀg − ½ J(π₀)ᵀg
 *
 * @param logits - z, `[…, K]`, finite.
 * @returns d, `[…, K]`, exactly 0 and 1; zeros in a row where the mask allows nothing.
 * @throws ShapeError when the logits are not float32 `[…, K]`, or mask or noise do not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0, or `backward` is unknown.
 * @paper 2304.08612 algorithm 2
 */
export function sampleOneHot(logits: tf.Tensor, options: SampleOptions): tf.Tensor {
  const { noise, backward = "softmax", temperature, mask } = options;
  checkMap("sampleOneHot", logits, { temperature, mask });
  checkFits("sampleOneHot", "noise", noise, logits.shape);
  checkName("sampleOneHot", "backward", backward, ["softmax", "reinmax"]);
  return tf.tidy(() => {
    const pi = softmax(logits, { temperature, mask });
    if (backward === "softmax") {
      const x = overTemperature(logits, temperature);
      return withValue(pi, () => oneHotArgmax(tf.add(x, noise), mask));
    }
    const d = oneHotArgmax(tf.add(logits, noise), mask);
    const mean = tf.mul(tf.add(d, pi), 0.5);
    const pi0 = softmax(logits, { mask });
    const pi1 = withGradient(logits, () => [tf.clone(mean), mean], pullBack); // as if it were the softmax of the logits
    return withValue(tf.sub(tf.mul(pi1, 2), tf.mul(pi0, 0.5)), () => tf.clone(d));
  });
}
