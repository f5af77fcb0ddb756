import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { onEachBackend } from "../backends.js";

const relations = [
  ["equal", tf.equal, (x: number, y: number) => x === y],
  ["notEqual", tf.notEqual, (x: number, y: number) => x !== y],
  ["less", tf.less, (x: number, y: number) => x < y],
  ["lessEqual", tf.lessEqual, (x: number, y: number) => x <= y],
  ["greater", tf.greater, (x: number, y: number) => x > y],
  ["greaterEqual", tf.greaterEqual, (x: number, y: number) => x >= y],
] as const;

/** A shape of up to four axes and for each of two operands which of its axes are 1 and how many are left out in front. */
const operands = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 4 }).chain((shape) => {
  const operand = fc
    .tuple(fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(shape.length))
    .map(([ones, dropped]) => shape.map((size, axis) => (ones[axis] ? 1 : size)).slice(dropped));
  return fc.tuple(operand, operand);
});

onEachBackend("comparisons", () => {
  it.each(relations)("%s broadcasts like numpy", (_, relation, holds) => {
    fc.assert(
      fc.property(operands, fc.constantFrom("float32", "int32"), ([left, right], dtype) => {
        tf.tidy(() => {
          const numbers = (shape: number[], step: number) =>
            Int32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => (i * step) % 3);
          const [x, y] = [numbers(left, 2), numbers(right, 5)];
          const result = relation(tf.tensor(x, left, dtype as "int32"), tf.tensor(y, right, dtype as "int32"));
          const shape = tf.broadcast_util.assertAndGetBroadcastShape(left, right);
          /** The element of an operand that stands at a position of the result. */
          const at = (values: Int32Array, own: number[], position: number) => {
            let [index, stride, rest] = [0, 1, position];
            for (let back = 1; back <= shape.length; back++) {
              const place = rest % shape.at(-back)!;
              rest = Math.floor(rest / shape.at(-back)!);
              index += (own.at(-back) ?? 1) === 1 ? 0 : place * stride;
              stride *= back <= own.length ? own.at(-back)! : 1;
            }
            return values[index]!;
          };
          const size = tf.util.sizeFromShape(shape);
          const expected = Array.from({ length: size }, (_, i) => Number(holds(at(x, left, i), at(y, right, i))));
          expect(result.dtype).toBe("bool");
          expect(result.shape).toEqual(shape);
          expect([...result.dataSync()]).toEqual(expected);
        });
      }),
      { numRuns: 50 },
    );
  });

  it.each(relations)("%s treats NaN and infinities as numbers do", (_, relation, holds) => {
    tf.tidy(() => {
      const x = [Number.NaN, Number.POSITIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 0];
      const y = [Number.NaN, 1, Number.NaN, Number.NEGATIVE_INFINITY, -0];
      const expected = x.map((value, i) => Number(holds(value, y[i]!)));
      expect([...relation(tf.tensor1d(x), tf.tensor1d(y)).dataSync()]).toEqual(expected);
    });
  });

  it("compare booleans and numbers of two dtypes too", () => {
    tf.tidy(() => {
      const flags = tf.tensor1d([true, false], "bool");
      expect([...tf.equal(flags, tf.tensor1d([true, true], "bool")).dataSync()]).toEqual([1, 0]);
      expect([...tf.less(tf.tensor1d([1, 2], "int32"), tf.scalar(1.5)).dataSync()]).toEqual([1, 0]);
    });
  });

  it("refuse shapes that do not broadcast, and keep no tensor besides the result", () => {
    const [x, y] = [tf.ones([2, 3]), tf.ones([4])];
    expect(() => tf.less(x, y)).toThrow();
    const before = tf.memory().numTensors;
    tf.less(x, x).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([x, y]);
  });
});
