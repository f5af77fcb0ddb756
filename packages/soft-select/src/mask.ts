import * as tf from "@tensorflow/tfjs-core";

// Finite, so that a row where nothing is allowed has differences of 0 and no NaN.
const lowest = -3.4028234663852886e38;

/** Scores that lose to all others where the mask does not allow a choice. */
export function forbid(scores: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  return tf.where(tf.cast(mask, "bool"), scores, tf.fill(scores.shape, lowest));
}

/** Weights that are 0 where the mask does not allow a choice. */
export function keepAllowed(weights: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  return tf.mul(weights, tf.cast(mask, "float32"));
}
