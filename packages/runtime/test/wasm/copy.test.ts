import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEachBackend } from "../backends.js";

type Nested = number | Nested[];
const count = (shape: number[], dtype: "float32" | "int32" = "float32") =>
  tf.reshape(tf.range(0, tf.util.sizeFromShape(shape), 1, dtype), shape);
const nested = (x: tf.Tensor) => x.arraySync() as Nested;

/** The part of an array of arrays whose indices along `axis` pass. */
function pick(x: Nested, axis: number, indices: readonly number[]): Nested {
  const list = x as Nested[];
  return axis === 0 ? indices.map((i) => list[i]!) : list.map((inner) => pick(inner, axis - 1, indices));
}

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
const shapeAndAxis = shapes.chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)));
const dtypes = fc.constantFrom("float32", "int32");
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

onEachBackend("copies", () => {
  it("slice takes a box, whatever axes it cuts", () => {
    const boxes = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(...shape.map((size) => fc.nat(size - 1).chain((at) => fc.tuple(fc.constant(at), fc.nat(size - at))))),
      ),
    );
    fc.assert(
      fc.property(boxes, dtypes, ([shape, box], dtype) => {
        tf.tidy(() => {
          const x = count(shape, dtype as "int32");
          const sizes = box.map(([, length]) => Math.max(1, length));
          const y = tf.slice(
            x,
            box.map(([at]) => at),
            sizes,
          );
          let expected = nested(x);
          for (const [axis, [at]] of box.entries()) expected = pick(expected, axis, range(at, at + sizes[axis]!));
          expect(y.dtype).toBe(dtype);
          expect(nested(y)).toEqual(expected);
        });
      }),
    );
  });

  it("split, concat, stack and unstack are inverse to each other on every axis", () => {
    fc.assert(
      fc.property(shapeAndAxis, dtypes, fc.nat(5), ([shape, axis], dtype, cut) => {
        tf.tidy(() => {
          const x = count(shape, dtype as "int32");
          const size = shape[axis]!;
          const first = Math.min(cut, size - 1);
          const parts = first === 0 ? tf.split(x, 1, axis) : tf.split(x, [first, size - first], axis - shape.length);
          expect(nested(parts.at(-1)!)).toEqual(pick(nested(x), axis, range(first, size)));
          expect(nested(tf.concat(parts, axis))).toEqual(nested(x));
          const slices = tf.unstack(x, axis);
          expect(slices).toHaveLength(size);
          expect(nested(tf.stack(slices, axis))).toEqual(nested(x));
        });
      }),
    );
  });

  it("tile repeats every axis as often as told", () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }), (shape, times) => {
        tf.tidy(() => {
          const x = count(shape);
          const reps = times.slice(0, shape.length);
          let expected = nested(x);
          for (const [axis, n] of reps.entries()) {
            expected = pick(expected, axis, range(0, n).flatMap(() => range(0, shape[axis]!))); // biome-ignore format: one idea
          }
          expect(nested(tf.tile(x, reps))).toEqual(expected);
        });
      }),
    );
  });

  it("gather looks up rows by ids of any shape, for every dtype", () => {
    tf.tidy(() => {
      const ids = tf.tensor2d([[2, 0], [3, 3]], [2, 2], "int32"); // biome-ignore format: a matrix
      const rows = [[[6, 7, 8], [0, 1, 2]], [[9, 10, 11], [9, 10, 11]]]; // biome-ignore format: a matrix
      for (const dtype of ["float32", "int32"] as const)
        expect(nested(tf.gather(count([4, 3], dtype), ids))).toEqual(rows);
      const flags = tf.gather(tf.tensor1d([1, 0, 1, 0], "bool"), tf.tensor1d([0, 1, 2], "int32"));
      expect([...flags.dataSync()]).toEqual([1, 0, 1]);
      expect(nested(tf.gather(count([2, 3]), tf.tensor1d([2, 0], "int32"), 1))).toEqual([[2, 0], [5, 3]]); // biome-ignore format: a matrix
    });
  });

  it("clone outlives its original", () => {
    const x = count([3]);
    const y = tf.clone(x);
    x.dispose();
    expect([...y.dataSync()]).toEqual([0, 1, 2]);
    y.dispose();
  });

  it("keep no tensor and no memory besides the results", () => {
    const x = count([4, 6]);
    const before = { ...tf.memory(), dataIds: tf.backend().numDataIds() };
    tf.dispose([tf.slice(x, [1, 2], [2, 3]), tf.slice(x, [0, 0], [4, 6]), tf.clone(x), tf.tile(x, [2, 3])]);
    tf.dispose([tf.split(x, 2, 1), tf.unstack(x, 1), tf.concat([x, x], 0), tf.gather(x, [0, 1])]);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    expect(tf.backend().numDataIds()).toBe(before.dataIds);
    x.dispose();
  });
});

onEachBackend("bad copies", () => {
  it("slice refuses a box outside the tensor", () => {
    tf.tidy(() => {
      expect(() => tf.slice(count([4]), [2], [3])).toThrow();
    });
  });
});
