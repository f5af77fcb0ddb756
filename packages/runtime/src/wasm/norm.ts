import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

interface NormInputs {
  readonly x: tf.TensorInfo;
  readonly gain?: tf.TensorInfo;
  readonly bias?: tf.TensorInfo;
}

/** [y, x̂, r] of `layerNorm`, or of `rmsNorm` where the mean stays in. */
export function norm(
  heap: Heap,
  { x, gain, bias }: NormInputs,
  { epsilon, centre }: { readonly epsilon: number; readonly centre: boolean },
): tf.TensorInfo[] {
  const width = x.shape.at(-1)!;
  const outputs = [
    heap.output(x.shape, x.dtype),
    heap.output(x.shape, x.dtype),
    heap.output([...x.shape.slice(0, -1), 1], x.dtype),
  ];
  heap.call.norm(
    heap.address(x),
    addressOr0(heap, gain),
    addressOr0(heap, bias),
    ...outputs.map((output) => heap.address(output)),
    tf.util.sizeFromShape(x.shape) / width,
    width,
    epsilon,
    Number(centre),
  );
  return outputs;
}

interface NormGradInputs {
  readonly dy: tf.TensorInfo;
  readonly xHat: tf.TensorInfo;
  readonly r: tf.TensorInfo;
  readonly gain?: tf.TensorInfo;
}

/** [dx, dgain, dbias] of `norm`. */
export function normGrad(
  heap: Heap,
  { dy, xHat, r, gain }: NormGradInputs,
  { centre }: { readonly centre: boolean },
): tf.TensorInfo[] {
  const width = dy.shape.at(-1)!;
  const outputs = [heap.output(dy.shape, dy.dtype), heap.output([width], dy.dtype), heap.output([width], dy.dtype)];
  heap.call.normGrad(
    heap.address(dy),
    heap.address(xHat),
    heap.address(r),
    addressOr0(heap, gain),
    ...outputs.map((output) => heap.address(output)),
    tf.util.sizeFromShape(dy.shape) / width,
    width,
    Number(centre),
  );
  return outputs;
}

function addressOr0(heap: Heap, tensor: tf.TensorInfo | undefined): number {
  return tensor === undefined ? 0 : heap.address(tensor);
}
