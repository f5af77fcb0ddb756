import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import type { Heap } from "./heap.js";

const { sizeFromShape, bytesPerElement } = tf.util;

/** How the memory of a tensor is cut by an axis: `count` runs, each `bytes` long for every index of the axis. */
function cut(x: tf.TensorInfo, axis: number): { count: number; bytes: number } {
  return {
    count: sizeFromShape(x.shape.slice(0, axis)),
    bytes: sizeFromShape(x.shape.slice(axis + 1)) * bytesPerElement(x.dtype),
  };
}

/** The part of `x` from `begin` on, `length` indices of one axis. */
function part(heap: Heap, x: tf.TensorInfo, axis: number, begin: number, length: number): tf.TensorInfo {
  const { count, bytes } = cut(x, axis);
  const out = heap.output(x.shape.with(axis, length), x.dtype);
  const from = x.shape[axis]! * bytes;
  heap.call.copyRuns(heap.address(x) + begin * bytes, from, heap.address(out), length * bytes, count, length * bytes);
  return out;
}

/** `tf.clone`: tensors are never written to, so a copy shares the memory. */
export function identity(heap: Heap, { x }: { readonly x: tf.TensorInfo }): tf.TensorInfo {
  return heap.share(x);
}

/** `tf.slice`: one axis after the other. */
export function slice(
  heap: Heap,
  { x }: { readonly x: tf.TensorInfo },
  attrs: { readonly begin: number | number[]; readonly size: number | number[] },
): tf.TensorInfo | undefined {
  if (x.dtype === "string") return undefined;
  const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attrs.begin, attrs.size) as [number[], number[]];
  tf.slice_util.assertParamsValid(x as tf.Tensor, begin, size);
  let y = heap.share(x);
  for (const [axis, length] of size.entries()) {
    if (length === x.shape[axis]) continue;
    const whole = y;
    y = part(heap, whole, axis, begin[axis]!, length);
    heap.dispose(whole);
  }
  return y;
}

/** `tf.split`. */
export function split(
  heap: Heap,
  { x }: { readonly x: tf.TensorInfo },
  attrs: { readonly numOrSizeSplits: number | number[]; readonly axis: number },
): tf.TensorInfo[] | undefined {
  if (x.dtype === "string") return undefined;
  const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0]!;
  let begin = 0;
  return tf.backend_util.prepareSplitSize(x as tf.Tensor, attrs.numOrSizeSplits, axis).map((length) => {
    begin += length;
    return part(heap, x, axis, begin - length, length);
  });
}

/** `tf.unstack`. */
export function unpack(
  heap: Heap,
  { value }: { readonly value: tf.TensorInfo },
  attrs: { readonly axis: number },
): tf.TensorInfo[] | undefined {
  if (value.dtype === "string") return undefined;
  const axis = tf.util.parseAxisParam(attrs.axis, value.shape)[0]!;
  const shape = value.shape.toSpliced(axis, 1);
  return Array.from({ length: value.shape[axis]! }, (_, i) => ({ ...part(heap, value, axis, i, 1), shape }));
}

/** `tf.tile`: one axis after the other. */
export function tile(
  heap: Heap,
  { x }: { readonly x: tf.TensorInfo },
  { reps }: { readonly reps: readonly number[] },
): tf.TensorInfo | undefined {
  if (x.dtype === "string") return undefined;
  let y = heap.share(x);
  for (const [axis, times] of reps.entries()) {
    if (times === 1) continue;
    const once = y;
    const { count, bytes } = cut(once, axis);
    const length = once.shape[axis]! * bytes;
    y = heap.output(once.shape.with(axis, once.shape[axis]! * times), x.dtype);
    for (let i = 0; i < times; i++) {
      heap.call.copyRuns(heap.address(once), length, heap.address(y) + i * length, times * length, count, length);
    }
    heap.dispose(once);
  }
  return y;
}

/** `tf.concat`. */
export function concat(
  heap: Heap,
  inputs: Readonly<Record<string, tf.TensorInfo>>,
  attrs: { readonly axis: number },
): tf.TensorInfo | undefined {
  const xs = Object.values(inputs);
  const [first] = xs as [tf.TensorInfo, ...tf.TensorInfo[]];
  if (xs.some((x) => x.dtype !== first.dtype || x.dtype === "string")) return undefined;
  const axis = tf.util.parseAxisParam(attrs.axis, first.shape)[0]!;
  tf.backend_util.assertParamsConsistent(
    xs.map((x) => x.shape),
    axis,
  );
  const shape = tf.backend_util.computeOutShape(
    xs.map((x) => x.shape),
    axis,
  );
  const out = heap.output(shape, first.dtype);
  const { count, bytes } = cut(out, axis);
  let to = heap.address(out);
  for (const x of xs) {
    const length = x.shape[axis]! * bytes;
    heap.call.copyRuns(heap.address(x), length, to, shape[axis]! * bytes, count, length);
    to += length;
  }
  return out;
}

/** `tf.gather` of whole rows. */
export function gather(
  heap: Heap,
  { x, indices }: { readonly x: tf.TensorInfo; readonly indices: tf.TensorInfo },
  attrs: { readonly axis: number; readonly batchDims: number },
): tf.TensorInfo | undefined {
  const fits = x.dtype !== "string" && indices.dtype === "int32" && attrs.axis === 0 && attrs.batchDims === 0;
  if (!fits) return undefined;
  const [rows, ...rest] = x.shape as [number, ...number[]];
  const out = heap.output([...indices.shape, ...rest], x.dtype);
  const { bytes } = cut(x, 0);
  const count = sizeFromShape(indices.shape);
  const bad = heap.call.gatherRows(heap.address(x), heap.address(indices), heap.address(out), count, rows, bytes);
  if (bad < 0) return out;
  heap.dispose(out);
  throw new ValueError(`gather: indices must be in 0…${rows - 1}; the one at ${bad} is not`, {
    argument: "indices",
    index: bad,
    value: heap.integers(indices)[bad],
  });
}
