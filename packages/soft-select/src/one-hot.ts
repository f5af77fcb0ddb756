import * as tf from "@tensorflow/tfjs-core";
import { forbid, keepAllowed } from "./mask.js";

/**
 * One-hots of indices, float32 `[…, K]`.
 *
 * `tf.oneHot` refuses K = 1, and on the stock wasm backend fills a float32 result with the bits of integers.
 */
export function oneHot(indices: tf.Tensor, K: number): tf.Tensor {
  return K === 1 ? tf.ones([...indices.shape, 1]) : tf.cast(tf.oneHot(indices, K), "float32");
}

/** The one-hot of the largest allowed score of each row: the lowest index among ties, zeros where nothing is allowed. */
export function oneHotArgmax(scores: tf.Tensor, mask: tf.Tensor | undefined): tf.Tensor {
  const K = scores.shape.at(-1)!;
  if (mask === undefined) return oneHot(tf.argMax(scores, -1), K);
  return keepAllowed(oneHot(tf.argMax(forbid(scores, mask), -1), K), mask);
}
