import * as tf from "@tensorflow/tfjs-core";

/** `[…]` int32 → `[…, depth]` float32. `tf.oneHot` refuses depth 1, and its float32 form is wrong on wasm. */
export function oneHot<T extends tf.Tensor>(indices: tf.Tensor, depth: number): T {
  return tf.cast<T>(tf.equal<T>(tf.expandDims(indices, -1), tf.range(0, depth, 1, "int32")), "float32");
}
