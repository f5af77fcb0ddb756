import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { softmax, topkSoftmax } from "../src/index.js";
import { expectClose, numbers, numericGradient, vjp } from "./helpers.js";
import { describeMapLaws, logitsArbitrary } from "./map-laws.js";

describe("topkSoftmax", () => {
  it("is the softmax of the k largest, and exactly 0 elsewhere", () => {
    fc.assert(
      fc.property(logitsArbitrary(2), fc.nat(), (z, seed) => {
        const k = 1 + (seed % z.length);
        const bar = [...z].sort((a, b) => b - a)[k - 1]!;
        const e = z.map((v) => (v >= bar ? Math.exp(v) : 0));
        const total = e.reduce((a, b) => a + b);
        const p = topkSoftmax(tf.tensor1d(z), k);
        expectClose(
          p,
          e.map((v) => v / total),
        );
        expect(numbers(p).filter((v) => v > 0)).toHaveLength(k);
      }),
    );
  });

  it("has the gradient of central differences", () => {
    const z = [0.3, 1.2, -0.4, 0.9];
    const g = [1, -2, 3, 0.5];
    const loss = (row: number[]) => numbers(topkSoftmax(tf.tensor1d(row), 3)).reduce((sum, p, i) => sum + p * g[i]!, 0);
    const gradient = vjp((x) => topkSoftmax(x, 3), tf.tensor1d(z), tf.tensor1d(g));
    expectClose(gradient, numericGradient(loss, z), { atol: 1e-4 });
    expect(gradient.dataSync()[2]).toBe(0);
  });

  it("is softmax when k = K", () => {
    const z = tf.tensor2d([0.3, 1.2, -0.4, 0.9, 0, 5], [2, 3]);
    expectClose(topkSoftmax(z, 3), numbers(softmax(z)));
  });

  it("takes the lowest indices among ties", () => {
    const z = tf.tensor2d([
      [1, 2, 2, 2, 0],
      [3, 3, 3, 3, 3],
    ]);
    expectClose(topkSoftmax(z, 2), [0, 0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0, 0], { atol: 1e-7 });
  });

  it("refuses a k outside 1 … K", () => {
    for (const k of [0, 4, 1.5, Number.NaN])
      expect(() => topkSoftmax(tf.zeros([3]), k)).toThrow(/topkSoftmax: k must be an integer in \[1, 3\]/);
  });

  describeMapLaws((z, options) =>
    topkSoftmax(z, Math.min(2, z.rank === 0 ? 1 : Math.max(z.shape.at(-1)!, 1)), options),
  );
});
