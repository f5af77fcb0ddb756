import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/**
 * `tf.unsortedSegmentSum`, the gradient of a look-up, which the stock backend lacks.
 *
 *   out[s, …] = Σ over i with segmentIds[i] = s of x[i, …]
 *
 * Rows of an id outside 0…numSegments−1 are dropped, as TensorFlow drops negative ones.
 */
export function unsortedSegmentSum(
  heap: Heap,
  { x, segmentIds }: { readonly x: tf.TensorInfo; readonly segmentIds: tf.TensorInfo },
  { numSegments }: tf.UnsortedSegmentSumAttrs,
): tf.TensorInfo {
  const rows = tf.util.sizeFromShape(segmentIds.shape);
  const rowShape = x.shape.slice(segmentIds.shape.length);
  const out = heap.output([numSegments, ...rowShape], x.dtype);
  const sum = x.dtype === "float32" ? heap.call.segmentSumF32 : heap.call.segmentSumI32;
  const row = tf.util.sizeFromShape(rowShape);
  sum(heap.address(x), heap.address(segmentIds), heap.address(out), rows, row, numSegments);
  return out;
}
