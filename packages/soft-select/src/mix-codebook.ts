import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { describe } from "./checks.js";
import { withGradient } from "./custom-gradient.js";

/**
 * Mixes the rows of a codebook with selection weights, or looks rows up by index.
 *
 *   weights: y = Σₖ wₖ Eₖ,   ∂L/∂w = E g,   ∂L/∂E = Σ w gᵀ
 *   indices: y = E_k,        ∂L/∂E_k = Σ g over the places that chose k
 *
 * Indices take a gather and a scatter-add, never a product with K columns; they must lie in 0 … K−1 (not checked: the
 * values are not read). To keep the codebook as it is, pass `stopGradient(codebook)`.
 *
 * @param weightsOrIndices - float32 weights `[…, K]`, or int32 indices `[…]`.
 * @param codebook - E, `[K, D]`.
 * @returns `[…, D]`, differentiable in the weights and in the codebook.
 * @throws ShapeError when the codebook is not float32 `[K, D]`, the weights have another K, or the dtype is neither.
 */
export function mixCodebook(weightsOrIndices: tf.Tensor, codebook: tf.Tensor): tf.Tensor {
  if (codebook.rank !== 2 || codebook.dtype !== "float32")
    throw new ShapeError(`mixCodebook: codebook must be float32 [K, D], got ${describe(codebook)}`);
  if (weightsOrIndices.dtype === "int32") return lookUp(weightsOrIndices, codebook);
  const [K, D] = codebook.shape as [number, number];
  const { dtype, shape } = weightsOrIndices;
  if (dtype !== "float32" || shape.at(-1) !== K)
    throw new ShapeError(
      `mixCodebook: weights must be float32 […, ${K}] (rows of the codebook) or int32 indices, got ${describe(weightsOrIndices)}`,
    );
  return tf.tidy(() =>
    tf.reshape(tf.matMul(tf.reshape(weightsOrIndices, [-1, K]), codebook), [...shape.slice(0, -1), D]),
  );
}

function lookUp(indices: tf.Tensor, codebook: tf.Tensor): tf.Tensor {
  const [K, D] = codebook.shape as [number, number];
  return withGradient(
    codebook,
    (E) => [tf.gather(E, indices), indices],
    // Not the gather's own gradient: that needs UnsortedSegmentSum, which the stock wasm backend lacks.
    (g, k) => tf.scatterND(tf.reshape(k!, [k!.size, 1]), tf.reshape(g, [k!.size, D]), [K, D]),
  );
}
