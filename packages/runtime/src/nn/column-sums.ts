import * as tf from "@tensorflow/tfjs-core";
import { tensorFlowOp } from "../tensorflow-ops.js";

/** Sums over all axes but the last: `[…, D]` → `[D]`, the gradient of a vector that was added to every row. */
export function columnSums(x: tf.Tensor): tf.Tensor {
  const axes = x.shape.slice(0, -1).map((_, axis) => axis);
  return (x.rank >= 2 ? tensorFlowOp("BiasAddGrad", [x]) : undefined) ?? tf.sum(x, axes);
}
