import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { refuseEmpty, withGradient } from "./with-gradient.js";

/**
 * Rows of a table.
 *
 *   y = w[ids];  dw[v] = Σ of dy over the places where ids = v
 *
 * @param w - `[V, D]`.
 * @param ids - int32 of any shape, each in 0 … V−1.
 * @returns `[…, D]`.
 * @throws ShapeError when `w` is no matrix or the ids are not int32.
 */
export function embedding(w: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  if (w.rank !== 2 || ids.dtype !== "int32")
    throw new ShapeError(`embedding: w must be [V, D] and ids int32, got [${w.shape}] and ${ids.dtype}`);
  const [rows, width] = w.shape as [number, number];
  refuseEmpty("embedding", w, ids);
  return withGradient<tf.Tensor, [tf.Tensor]>(
    [w],
    () => ({ value: tf.gather(w, ids), saved: [ids] }),
    (dy, [ids]) => [addRows(tf.reshape(dy, [-1, width]), tf.reshape(ids, [-1]), rows)],
  );
}

/** Σ of the rows of `x` by their id; scatter where a backend has no segment sum, it adds as well. */
function addRows(x: tf.Tensor2D, ids: tf.Tensor1D, rows: number): tf.Tensor {
  if (tf.getKernel("UnsortedSegmentSum", tf.getBackend()) !== undefined) return tf.unsortedSegmentSum(x, ids, rows);
  return tf.scatterND(tf.expandDims(ids, 1), x, [rows, x.shape[1]]);
}
