import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/** The coefficients of x σ(a x + b x³). */
export interface GateAttributes extends tf.NamedAttrMap {
  readonly a: number;
  readonly b: number;
}

/** y = x s and s = σ(a x + b x³). */
export function gate(heap: Heap, { x }: { readonly x: tf.TensorInfo }, { a, b }: GateAttributes): tf.TensorInfo[] {
  const [y, s] = [heap.output(x.shape, x.dtype), heap.output(x.shape, x.dtype)];
  heap.call.gate(heap.address(x), heap.address(y), heap.address(s), tf.util.sizeFromShape(x.shape), a, b);
  return [y, s];
}

/** dx of `gate`. */
export function gateGrad(
  heap: Heap,
  { dy, x, s }: { readonly dy: tf.TensorInfo; readonly x: tf.TensorInfo; readonly s: tf.TensorInfo },
  { a, b }: GateAttributes,
): tf.TensorInfo[] {
  const dx = heap.output(x.shape, x.dtype);
  const size = tf.util.sizeFromShape(x.shape);
  heap.call.gateGrad(heap.address(dy), heap.address(x), heap.address(s), heap.address(dx), size, a, b);
  return [dx];
}
