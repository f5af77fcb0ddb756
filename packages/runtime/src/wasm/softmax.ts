import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/** The softmax of scores `[…, T, S]` over the keys up to that of the query, the last of T seeing all of S. */
export function causalSoftmax(heap: Heap, { scores }: { readonly scores: tf.TensorInfo }): tf.TensorInfo[] {
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  const out = heap.output(scores.shape, scores.dtype);
  const rows = tf.util.sizeFromShape(scores.shape) / keys;
  heap.call.causalSoftmax(heap.address(scores), heap.address(out), rows, queries, keys);
  return [out];
}

/** y ∘ (dy − Σ dy ∘ y) over the last axis. */
export function softmaxGrad(
  heap: Heap,
  { dy, y }: { readonly dy: tf.TensorInfo; readonly y: tf.TensorInfo },
): tf.TensorInfo[] {
  const size = y.shape.at(-1)!;
  const dx = heap.output(y.shape, y.dtype);
  const count = tf.util.sizeFromShape(y.shape) / size;
  heap.call.softmaxGrad(heap.address(dy), heap.address(y), heap.address(dx), count, size);
  return [dx];
}
