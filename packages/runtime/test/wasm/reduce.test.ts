import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";

/** Σ over the axes in float64, in the row-major order of the axes that stay. */
function sums(values: Float32Array, shape: readonly number[], axes: readonly number[]): number[] {
  const strides = tf.util.computeStrides([...shape]).concat(1);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const out = new Array<number>(kept.reduce((product, axis) => product * shape[axis]!, 1)).fill(0);
  for (const [flat, value] of values.entries()) {
    const index = shape.map((size, axis) => Math.floor(flat / strides[axis]!) % size);
    out[kept.reduce((position, axis) => position * shape[axis]! + index[axis]!, 0)]! += value;
  }
  return out;
}

const shapeAndAxes = fc
  .array(fc.oneof(fc.constantFrom(1, 16), fc.integer({ min: 1, max: 19 })), { minLength: 1, maxLength: 4 })
  .filter((shape) => tf.util.sizeFromShape(shape) <= 4096)
  .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()], { minLength: 1 }), fc.boolean()));

onEachBackend("sum and mean", () => {
  it("equal the sums in float64 over any set of axes, counted from either end", () => {
    fc.assert(
      fc.property(shapeAndAxes, fc.boolean(), ([shape, axes, fromTheEnd], keepDims) => {
        tf.tidy(() => {
          const rng = createRng("reduce");
          const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.normal());
          const x = tf.tensor(values, shape);
          const named = fromTheEnd ? axes.map((axis) => axis - shape.length) : axes;
          const [total, mean] = [tf.sum(x, named, keepDims), tf.mean(x, named, keepDims)];
          const expected = sums(values, shape, axes);
          const size = values.length / expected.length;
          const left = shape.flatMap((length, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [length]));
          expect(total.shape).toEqual(left);
          expect(mean.shape).toEqual(left);
          const atol = 1e-6 + size * 2 ** -23; // a unit in the last place of each number
          expectClose(total.dataSync(), expected, { atol });
          expectClose(
            mean.dataSync(),
            expected.map((sum) => sum / size),
            { atol: atol / size + 1e-7 },
          );
        });
      }),
      { numRuns: 60 },
    );
  });

  it("add int32 and bool as integers", () => {
    tf.tidy(() => {
      const total = tf.sum(tf.tensor2d([[1, 2], [3, 16777216]], [2, 2], "int32"), 1); // biome-ignore format: a matrix
      expect(total.dtype).toBe("int32");
      expect([...total.dataSync()]).toEqual([3, 16777219]);
      expect([...tf.sum(tf.tensor1d([true, false, true], "bool")).dataSync()]).toEqual([2]);
    });
  });

  it("keep no tensor besides the result", () => {
    const x = tf.ones([2, 3, 4, 5]);
    const before = tf.memory();
    tf.dispose([tf.sum(x, [0, 2]), tf.mean(x, [1, 3], true)]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    x.dispose();
  });
});
