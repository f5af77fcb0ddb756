import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/**
 * `tf.transpose` that leaves the last axis in place: runs of memory change their order.
 */
export function transpose(
  heap: Heap,
  { x }: { readonly x: tf.TensorInfo },
  { perm }: { readonly perm: readonly number[] },
): tf.TensorInfo | undefined {
  const rank = x.shape.length;
  if (rank < 3 || perm[rank - 1] !== rank - 1 || x.dtype === "string") return undefined;
  const shape = perm.map((axis) => x.shape[axis]!);
  const out = heap.output(shape, x.dtype);
  const run = shape[rank - 1]! * tf.util.bytesPerElement(x.dtype);
  /** Bytes from an index of an axis to the next, in the order of the result. */
  const strides = (of: readonly number[]) =>
    tf.util.computeStrides([...of]).map((stride) => stride * tf.util.bytesPerElement(x.dtype));
  const from = strides(x.shape);
  const [to, read] = [strides(shape), perm.slice(0, -1).map((axis) => from[axis]!)];
  const last = rank - 2;
  const walk = (axis: number, source: number, target: number): void => {
    if (axis === last) heap.call.copyRuns(source, read[last]!, target, to[last]!, shape[last]!, run);
    else for (let i = 0; i < shape[axis]!; i++) walk(axis + 1, source + i * read[axis]!, target + i * to[axis]!);
  };
  walk(0, heap.address(x), heap.address(out));
  return out;
}
