import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/** `tf.softmax`, which is over the last axis. */
export function softmax(heap: Heap, { logits }: { readonly logits: tf.TensorInfo }): tf.TensorInfo | undefined {
  const size = logits.shape.at(-1);
  return size ? rows(heap, logits, 1, size) : undefined;
}

/** The softmax of scores `[…, T, S]` over the keys up to that of the query, the last of T seeing all of S. */
export function causalSoftmax(heap: Heap, { scores }: { readonly scores: tf.TensorInfo }): tf.TensorInfo[] {
  const [queries, keys] = scores.shape.slice(-2) as [number, number];
  return [rows(heap, scores, queries, keys - queries + 1)];
}

/** Of every `period` rows the first sees `seen` numbers, each next one more. */
function rows(heap: Heap, x: tf.TensorInfo, period: number, seen: number): tf.TensorInfo {
  const size = x.shape.at(-1)!;
  const out = heap.output(x.shape, x.dtype);
  const count = tf.util.sizeFromShape(x.shape) / size;
  heap.call.softmax(heap.address(x), heap.address(out), count, size, period, seen);
  return out;
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
