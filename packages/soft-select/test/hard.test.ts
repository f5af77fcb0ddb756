import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hard } from "../src/index.js";
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";
import { logitsArbitrary } from "./map-laws.js";

describe("hard", () => {
  it("is exactly 1 at the largest logit and 0 elsewhere", () => {
    fc.assert(
      fc.property(logitsArbitrary(), (z) => {
        const wanted = z.map((v) => (v === Math.max(...z) ? 1 : 0));
        expect(numbers(hard(tf.tensor1d(z)))).toEqual(wanted);
      }),
    );
  });

  it("takes the lowest index among ties", () => {
    expectClose(hard(tf.tensor2d([2, 2, 1, 0, 5, 5], [2, 3])), [1, 0, 0, 0, 1, 0], { atol: 0 });
  });

  it("has a gradient of zeros, not none", () => {
    const z = tf.tensor3d([1, 2, 3, 4], [2, 1, 2]);
    expectClose(
      vjp((x) => hard(x), z, tf.onesLike(z)),
      [0, 0, 0, 0],
      { atol: 0 },
    );
  });

  it("chooses among what the mask allows, and nothing where it allows nothing", () => {
    const mask = tf.tensor2d([1, 1, 0, 0, 0, 0], [2, 3]);
    expectClose(hard(tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]), { mask }), [0, 1, 0, 0, 0, 0], { atol: 0 });
  });

  it("leaves no tensor behind", () => {
    const z = tf.zeros([2, 3]);
    expectNoLeak(() => hard(z, { mask: undefined }));
    expectNoLeak(() => vjp((x) => hard(x), z, z));
  });

  it("refuses logits of rank 0", () => {
    expect(() => hard(tf.scalar(1))).toThrow(/hard: logits must be/);
  });
});
