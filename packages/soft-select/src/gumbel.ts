import * as tf from "@tensorflow/tfjs-core";
import { type Rng, ShapeError } from "@x/core";
import { checkFits, checkMap, checkNumber, nonNegative } from "./checks.js";
import { softmax } from "./softmax.js";
import { straightThrough } from "./straight-through.js";
import type { MapOptions } from "./types.js";

const smallest = 2 ** -24;

/**
 * Uniform noise, to be made outside a train step and passed into it.
 *
 *   U ∈ [2⁻²⁴, 1 − 2⁻²⁴]   (never 0, never 1)
 *
 * @returns float32 of the given shape; the same bits for the same stream on every backend.
 * @throws ShapeError when a size is not a whole number ≥ 0.
 */
export function uniformNoise(shape: readonly number[], rng: Rng): tf.Tensor {
  return noise("uniformNoise", shape, rng, (u) => u);
}

/**
 * Standard Gumbel noise, to be made outside a train step and passed into it.
 *
 *   G = −ln(−ln U)
 *
 * @returns float32 of the given shape, finite; the same bits for the same stream on every backend.
 * @throws ShapeError when a size is not a whole number ≥ 0.
 */
export function gumbelNoise(shape: readonly number[], rng: Rng): tf.Tensor {
  return noise("gumbelNoise", shape, rng, (u) => -Math.log(-Math.log(u)));
}

function noise(caller: string, shape: readonly number[], rng: Rng, quantile: (u: number) => number): tf.Tensor {
  if (!shape.every((size) => Number.isInteger(size) && size >= 0))
    throw new ShapeError(`${caller}: shape must consist of whole numbers ≥ 0, got [${shape}]`);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let i = 0; i < values.length; i++) values[i] = quantile(Math.min(Math.max(rng.float(), smallest), 1 - smallest));
  return tf.tensor(values, [...shape]);
}

/** Options of `gumbelSoftmax`. */
export interface GumbelOptions extends MapOptions {
  /** G, broadcastable to the logits; from `gumbelNoise`. */
  readonly noise: tf.Tensor;
  /** c ≥ 0, default 1. 0 switches the noise off. */
  readonly noiseScale?: number | tf.Scalar | undefined;
  /** Forward one-hot in place of the relaxation. Default false. */
  readonly hard?: boolean | undefined;
}

/**
 * Gumbel-softmax: a relaxed draw from softmax(z) (at c = 1), or an exact one with the gradient of the relaxed.
 *
 *   y = softmax((z + c G) / τ),   hard: e_k, k = argmaxₖ (z + c G)ₖ
 *   ∂L/∂z = (1/τ) y ⊙ (g − ⟨g,y⟩) in both cases
 *
 * @param logits - z, `[…, K]`, finite.
 * @returns `[…, K]`, differentiable in the logits (and in a `Scalar` temperature).
 * @throws ShapeError when the logits are not float32 `[…, K]`, or mask or noise do not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0, or `noiseScale` is negative.
 * @paper 1611.01144 eq. 2
 */
export function gumbelSoftmax(logits: tf.Tensor, options: GumbelOptions): tf.Tensor {
  const { noise, noiseScale = 1, hard = false, temperature, mask } = options;
  checkMap("gumbelSoftmax", logits, { temperature, mask });
  checkFits("gumbelSoftmax", "noise", noise, logits.shape);
  checkNumber("gumbelSoftmax", "noiseScale", noiseScale, nonNegative);
  return tf.tidy(() => {
    const noisy = tf.add(logits, tf.mul(noise, noiseScale));
    return (hard ? straightThrough : softmax)(noisy, { temperature, mask });
  });
}
