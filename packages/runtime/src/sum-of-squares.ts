import * as tf from "@tensorflow/tfjs-core";

/** Σ x² over all elements of all tensors. */
export function sumOfSquares(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => tf.addN(tensors.map((x) => tf.sum(tf.square(x)))));
}
