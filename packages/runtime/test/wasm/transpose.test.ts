import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEachBackend } from "../backends.js";

/** A shape of up to five axes and an order of them, by its keys, which often leaves the last in place. */
const orders = fc
  .array(fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(16)), { minLength: 1, maxLength: 5 })
  .filter((shape) => tf.util.sizeFromShape(shape) <= 2048)
  .chain((shape) => {
    const front = fc.shuffledSubarray([...shape.keys()].slice(0, -1), { minLength: shape.length - 1 });
    const any = fc.shuffledSubarray([...shape.keys()], { minLength: shape.length });
    return fc.tuple(
      fc.constant(shape),
      fc.oneof(
        front.map((axes) => [...axes, shape.length - 1]),
        any,
      ),
    );
  });

onEachBackend("transpose", () => {
  it("puts each element where the order of its axes says", () => {
    fc.assert(
      fc.property(orders, fc.constantFrom("float32", "int32", "bool"), ([shape, perm], dtype) => {
        tf.tidy(() => {
          const size = tf.util.sizeFromShape(shape);
          const values = Array.from({ length: size }, (_, i) => (dtype === "bool" ? ((i * 5) % 3) & 1 : i));
          const y = tf.transpose(tf.tensor(values, shape, dtype as "int32"), perm);
          const result = perm.map((axis) => shape[axis]!);
          expect(y.shape).toEqual(result);
          expect(y.dtype).toBe(dtype);
          const strides = [...tf.util.computeStrides(shape), 1].slice(-shape.length);
          const expected = Array.from({ length: size }, (_, position) => {
            let [from, rest] = [0, position];
            for (let axis = perm.length - 1; axis >= 0; axis--) {
              from += (rest % result[axis]!) * strides[perm[axis]!]!;
              rest = Math.floor(rest / result[axis]!);
            }
            return values[from]!;
          });
          expect([...y.dataSync()]).toEqual(expected);
        });
      }),
      { numRuns: 80 },
    );
  });

  it("keeps no tensor besides the result", () => {
    const x = tf.ones([2, 3, 4, 5]);
    const before = tf.memory().numTensors;
    tf.transpose(x, [0, 2, 1, 3]).dispose();
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
  });
});
