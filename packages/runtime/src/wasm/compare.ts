import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/** An axis of the result and how far apart its neighbours are in the two operands, in elements; 0 repeats. */
interface Axis {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

/** The axes of `shape` from the last to the first, neighbours that both operands walk evenly merged into one. */
function broadcastAxes(shape: readonly number[], a: readonly number[], b: readonly number[]): Axis[] {
  const strides = (own: readonly number[]) => {
    const dense = [...tf.util.computeStrides([...own]), 1].slice(-own.length);
    return shape.map((_, axis) => {
      const at = axis - shape.length + own.length;
      return at < 0 || own[at] === 1 ? 0 : dense[at]!;
    });
  };
  const [as, bs] = [strides(a), strides(b)];
  const axes: Axis[] = [];
  for (const [axis, size] of [...shape.entries()].reverse()) {
    if (size === 1) continue;
    const inner = axes.at(-1);
    if (inner && as[axis] === inner.a * inner.size && bs[axis] === inner.b * inner.size) {
      axes[axes.length - 1] = { ...inner, size: inner.size * size };
    } else axes.push({ size, a: as[axis]!, b: bs[axis]! });
  }
  return axes;
}

/** The relation that the kernel knows, with the operands swapped or the result inverted. */
const relations = {
  equal: { relation: 0, swap: false, invert: 0 },
  notEqual: { relation: 0, swap: false, invert: 1 },
  less: { relation: 1, swap: false, invert: 0 },
  greater: { relation: 1, swap: true, invert: 0 },
  lessEqual: { relation: 2, swap: false, invert: 0 },
  greaterEqual: { relation: 2, swap: true, invert: 0 },
} as const;

/** A comparison with broadcasting; the stock one spends 100 ns on an element that it repeats. */
export function compare(name: keyof typeof relations) {
  const { relation, swap, invert } = relations[name];
  return (heap: Heap, inputs: { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo }): tf.TensorInfo | undefined => {
    const [a, b] = swap ? [inputs.b, inputs.a] : [inputs.a, inputs.b];
    if (a.dtype !== b.dtype || (a.dtype !== "float32" && a.dtype !== "int32")) return undefined;
    const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
    const out = heap.output(shape, "bool");
    const run = a.dtype === "float32" ? heap.call.compareF32 : heap.call.compareI32;
    const one: Axis = { size: 1, a: 0, b: 0 };
    const [columns = one, rows = one, ...outer] = broadcastAxes(shape, a.shape, b.shape);
    let to = heap.address(out);
    const walk = (axes: readonly Axis[], x: number, y: number): void => {
      const axis = axes.at(-1);
      if (axis === undefined) {
        run(relation, invert, x, 4 * rows.a, 4 * columns.a, y, 4 * rows.b, 4 * columns.b, to, rows.size, columns.size);
        to += rows.size * columns.size;
      } else {
        for (let i = 0; i < axis.size; i++) walk(axes.slice(0, -1), x + 4 * i * axis.a, y + 4 * i * axis.b);
      }
    };
    walk(outer, heap.address(a), heap.address(b));
    return out;
  };
}
