import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/** Axes as runs of neighbours, the last run first: [0, 1, 3] gives [3, 3], [0, 1]. */
function runs(axes: readonly number[]): Array<[first: number, last: number]> {
  const found: Array<[number, number]> = [];
  for (const axis of [...axes].sort((a, b) => b - a)) {
    const current = found.at(-1);
    if (current !== undefined && current[0] === axis + 1) current[0] = axis;
    else found.push([axis, axis]);
  }
  return found;
}

/**
 * `tf.sum` or `tf.mean` over any axes: each run of neighbouring axes is the middle one of [outer, size, inner].
 *
 *   out[i, k] = Σⱼ x[i, j, k], divided by the count for the mean
 */
export function reduce(kind: "sum" | "mean") {
  return (
    heap: Heap,
    { x }: { readonly x: tf.TensorInfo },
    attrs: { readonly axis: number | number[]; readonly keepDims?: boolean },
  ): tf.TensorInfo | undefined => {
    const axes = tf.util.parseAxisParam(attrs.axis, x.shape);
    if (axes.length === 0) return undefined;
    const size = tf.util.sizeFromShape;
    let y = x;
    for (const [first, last] of runs(axes)) {
      const [before, summed, after] = [
        x.shape.slice(0, first),
        x.shape.slice(first, last + 1),
        y.shape.slice(last + 1),
      ];
      const out = heap.output([...before, ...after], "float32");
      const scale = kind === "mean" ? 1 / size(summed) : 1;
      heap.call.sum(heap.address(y), heap.address(out), size(before), size(summed), size(after), scale);
      if (y !== x) heap.dispose(y);
      y = out;
    }
    return attrs.keepDims ? { ...y, shape: tf.backend_util.expandShapeToKeepDim(y.shape, axes) } : y;
  };
}
