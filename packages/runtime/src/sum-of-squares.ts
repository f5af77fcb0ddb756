import * as tf from "@tensorflow/tfjs-core";
import { tensorFlowOp } from "./tensorflow-ops.js";

/** Σ x² over all elements of all tensors. */
export function sumOfSquares(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => tf.mul(2, tf.addN(tensors.map(halfSumOfSquares))));
}

function halfSumOfSquares(x: tf.Tensor): tf.Tensor {
  return tensorFlowOp("L2Loss", [x]) ?? tf.mul(0.5, tf.sum(tf.square(x)));
}
