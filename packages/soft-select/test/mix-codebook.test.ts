import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mixCodebook, stopGradient } from "../src/index.js";
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";

const codebook = () => tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);

describe("mixCodebook", () => {
  it("is w E, with gradients g Eᵀ and wᵀ g", () => {
    const w = tf.tensor2d([0.5, 0.5, 0, 0, 0.25, 0.75], [2, 3]);
    const g = tf.tensor2d([1, 0, 2, -1], [2, 2]);
    expectClose(mixCodebook(w, codebook()), [2, 3, 4.5, 5.5]);
    expectClose(
      vjp((x) => mixCodebook(x, codebook()), w, g),
      [1, 3, 5, 0, 2, 4],
    );
    expectClose(
      vjp((E) => mixCodebook(w, E), codebook(), g),
      [0.5, 0, 1, -0.25, 1.5, -0.75],
    );
  });

  it("keeps the leading axes", () => {
    expect(mixCodebook(tf.ones([2, 1, 4, 3]), codebook()).shape).toEqual([2, 1, 4, 2]);
    expect(mixCodebook(tf.ones([3]), codebook()).shape).toEqual([2]);
    expect(mixCodebook(tf.zeros([2, 4], "int32"), codebook()).shape).toEqual([2, 4, 2]);
    expect(mixCodebook(tf.scalar(1, "int32"), codebook()).shape).toEqual([2]);
  });

  it("gives for indices what it gives for their one-hots, bit for bit, and adds up the gradients of a code", () => {
    const row = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(row, (indices) => {
        const n = indices.length;
        const k = tf.tensor1d(indices, "int32");
        const w = tf.tensor2d(
          indices.flatMap((i) => [0, 1, 2].map((j) => Number(i === j))),
          [n, 3],
        );
        const g = tf.reshape(tf.range(1, 2 * n + 1), [n, 2]);
        expect(numbers(mixCodebook(k, codebook()))).toEqual(numbers(mixCodebook(w, codebook())));

        const sums = new Array<number>(6).fill(0);
        indices.forEach((code, i) => {
          sums[2 * code]! += 2 * i + 1;
          sums[2 * code + 1]! += 2 * i + 2;
        });
        expectClose(
          vjp((E) => mixCodebook(k, E), codebook(), g),
          sums,
        );
        expectClose(
          vjp((E) => mixCodebook(w, E), codebook(), g),
          sums,
        );
      }),
    );
  });

  it("leaves a stopped codebook alone", () => {
    const k = tf.tensor1d([0, 2], "int32");
    expectClose(
      vjp((E) => mixCodebook(k, stopGradient(E)), codebook(), tf.ones([2, 2])),
      [0, 0, 0, 0, 0, 0],
    );
  });

  it("leaves no tensor behind", () => {
    const E = codebook();
    for (const w of [tf.ones([2, 3]), tf.tensor1d([0, 1], "int32")]) {
      const g = tf.ones([2, 2]);
      expectNoLeak(() => mixCodebook(w, E));
      expectNoLeak(() => vjp((x) => mixCodebook(w, x), E, g));
    }
  });

  it("refuses a codebook that is no float32 matrix, weights of another width and other dtypes", () => {
    expect(() => mixCodebook(tf.ones([3]), tf.ones([3]))).toThrow(/codebook must be float32 \[K, D\]/);
    expect(() => mixCodebook(tf.ones([2, 4]), codebook())).toThrow(
      /weights must be float32 \[…, 3\].*got float32 \[2,4\]/,
    );
    expect(() => mixCodebook(tf.ones([2, 3], "bool"), codebook())).toThrow(/got bool/);
  });
});
