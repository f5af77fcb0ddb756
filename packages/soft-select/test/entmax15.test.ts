import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entmax15 } from "../src/index.js";
import { expectClose, numbers, numericGradient, vjp } from "./helpers.js";
import { describeMapLaws, describeReference, expectOptimal, logitsArbitrary } from "./map-laws.js";

describe("entmax15", () => {
  it("equals the worked examples, value and gradient", () => {
    expectClose(entmax15(tf.tensor1d([-2, 0, 0.5])), [0, 0.326, 0.674], { atol: 5e-5 });
    const z = tf.tensor1d([1.3, 0.9, 0.2, -0.5, -3]);
    const g = tf.tensor1d([0.3, -1, 2, 0.7, 0.4]);
    expectClose(entmax15(z), [0.6095, 0.3372, 0.0532, 0, 0], { atol: 5e-5 });
    expectClose(vjp(entmax15, z, g), [0.1779, -0.6226, 0.4448, 0, 0], { atol: 5e-5 });
  });

  it("has the gradient of central differences", () => {
    const z = [1.3, 0.9, 0.2, -0.5, -3];
    const g = [0.3, -1, 2, 0.7, 0.4];
    const loss = (row: number[]) => numbers(entmax15(tf.tensor1d(row))).reduce((sum, p, i) => sum + p * g[i]!, 0);
    expectClose(vjp(entmax15, tf.tensor1d(z), tf.tensor1d(g)), numericGradient(loss, z), { atol: 1e-4 });
  });

  it("solves Σ max(u − t, 0)² = 1 for two codes in closed form", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 128 }), (steps) => {
        const d = steps / 32 / 2; // u = (0, −d)
        const t = d >= 1 ? -1 : (-d - Math.sqrt(2 - d * d)) / 2;
        expectClose(entmax15(tf.tensor1d([0, -2 * d])), [t * t, Math.max(-d - t, 0) ** 2]);
      }),
    );
  });

  it("maximises ⟨p, z⟩ plus the Tsallis entropy of order 1.5", () => expectOptimal(entmax15, 1.5));

  it("approaches the argmax as τ → 0", () => {
    expectClose(entmax15(tf.tensor1d([0.1, 0.3, 0.2]), { temperature: 1e-3 }), [0, 1, 0], { atol: 0 });
  });

  it("is unchanged by a k that covers the support, value and gradient", () => {
    fc.assert(
      fc.property(logitsArbitrary(2), (z) => {
        const x = tf.tensor1d(z);
        const p = numbers(entmax15(x));
        const k = p.filter((v) => v > 0).length;
        expectClose(entmax15(x, { k }), p);
        const g = tf.range(0, z.length);
        expectClose(
          vjp((y) => entmax15(y, { k }), x, g),
          numbers(vjp(entmax15, x, g)),
          { atol: 1e-5 },
        );
      }),
    );
  });

  it("refuses a k outside 1 … K", () => {
    for (const k of [0, 4, 1.5])
      expect(() => entmax15(tf.zeros([3]), { k })).toThrow(/k must be an integer in \[1, 3\]/);
  });

  describeReference(entmax15, "entmax15");
  describeMapLaws(entmax15);
});
