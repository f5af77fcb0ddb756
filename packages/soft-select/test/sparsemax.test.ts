import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sparsemax } from "../src/index.js";
import reference from "./fixtures/reference.json" with { type: "json" };
import { expectClose, numbers, vjp } from "./helpers.js";
import { describeMapLaws, describeReference, expectOptimal, logitsArbitrary } from "./map-laws.js";

describe("sparsemax", () => {
  it("equals the worked examples, value and gradient", () => {
    expectClose(sparsemax(tf.tensor1d([-2, 0, 0.5])), [0, 0.25, 0.75]);
    const z = tf.tensor1d([1.3, 0.9, 0.2, -0.5, -3]);
    expectClose(sparsemax(z), [0.7, 0.3, 0, 0, 0]);
    expectClose(vjp(sparsemax, z, tf.tensor1d([0.3, -1, 2, 0.7, 0.4])), [0.65, -0.65, 0, 0, 0]);
  });

  it("is clip((1 + z₁ − z₂)/2, 0, 1) for two codes", () => {
    fc.assert(
      fc.property(fc.integer({ min: -64, max: 64 }), fc.integer({ min: -64, max: 64 }), (a, b) => {
        const first = Math.min(Math.max((1 + a / 32 - b / 32) / 2, 0), 1);
        expectClose(sparsemax(tf.tensor1d([a / 32, b / 32])), [first, 1 - first]);
      }),
    );
  });

  it("is the Euclidean projection on the simplex that SciPy's root finder gives", () => {
    for (const { shape, temperature, logits, projection } of reference.maps)
      expectClose(sparsemax(tf.tensor(logits, shape), { temperature }), projection);
  });

  it("maximises ⟨p, z⟩ plus the Gini entropy", () => expectOptimal(sparsemax, 2));

  it("approaches the argmax as τ → 0", () => {
    expectClose(sparsemax(tf.tensor1d([0.1, 0.3, 0.2]), { temperature: 1e-3 }), [0, 1, 0], { atol: 0 });
  });

  it("is unchanged by a k that covers the support, and stays on the simplex with a smaller one", () => {
    fc.assert(
      fc.property(logitsArbitrary(2), (z) => {
        const x = tf.tensor1d(z);
        const p = numbers(sparsemax(x));
        const support = p.filter((v) => v > 0).length;
        expectClose(sparsemax(x, { k: support }), p);
        const fewer = numbers(sparsemax(x, { k: 1 }));
        expect(fewer).toEqual(z.map((v) => (v === Math.max(...z) ? 1 : 0)));
      }),
    );
  });

  it("refuses a k outside 1 … K", () => {
    for (const k of [0, 4, 1.5])
      expect(() => sparsemax(tf.zeros([3]), { k })).toThrow(/k must be an integer in \[1, 3\]/);
  });

  describeReference(sparsemax, "sparsemax");
  describeMapLaws(sparsemax);
});
