import * as tf from "@tensorflow/tfjs-core";

/** A map of the k largest scores of each row (the lowest index first among ties), put back among zeros. */
export function amongTop(k: number, weights: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor): tf.Tensor {
  const { values, indices } = tf.topk(x, k);
  const K = x.shape.at(-1)!;
  const rows = x.size / K;
  const rowStarts = tf.mul(tf.range(0, rows, 1, "int32"), tf.scalar(K, "int32"));
  const places = tf.add(tf.reshape(indices, [rows, k]), tf.expandDims(rowStarts, 1));
  return tf.reshape(
    tf.scatterND(tf.reshape(places, [rows * k, 1]), tf.reshape(weights(values), [rows * k]), [x.size]),
    x.shape,
  );
}

/**
 * Differences u ≤ 0 to the largest score of a row, sorted downwards, and their ranks 1 … K.
 *
 * They are cut at −1. A threshold is never lower, so nothing that is cut was in a support, and the sums stay finite and
 * exact for logits of any size.
 */
export function sortedDifferences(u: tf.Tensor): { sorted: tf.Tensor; ranks: tf.Tensor } {
  const K = u.shape.at(-1)!;
  return { sorted: tf.clipByValue(tf.topk(u, K).values, -1, 0), ranks: tf.range(1, K + 1) };
}
