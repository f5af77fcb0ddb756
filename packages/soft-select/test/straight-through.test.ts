import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entmax15, hard, type Surrogate, softmax, sparsemax, straightThrough } from "../src/index.js";
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";
import { logitsArbitrary } from "./map-laws.js";

const surrogates = { softmax, sparsemax, entmax15 };
const names: Surrogate[] = ["softmax", "identity", "sparsemax", "entmax15"];

describe("straightThrough", () => {
  it("is exactly the one-hot of the argmax, whatever the surrogate and the temperature", () => {
    fc.assert(
      fc.property(
        logitsArbitrary(),
        fc.constantFrom(...names),
        fc.constantFrom(0.01, 1, 7),
        (z, backward, temperature) => {
          const x = tf.tensor1d(z);
          expect(numbers(straightThrough(x, { backward, temperature }))).toEqual(numbers(hard(x)));
        },
      ),
    );
  });

  it("is bit-exact where h + p − p is not", () => {
    const rng = createRng("exact");
    const z = tf.tensor2d(
      Float32Array.from({ length: 3000 }, () => rng.normal()),
      [300, 10],
    );
    expect(new Set(straightThrough(z).dataSync())).toEqual(new Set([0, 1]));
    const p = tf.softmax(z);
    expect(new Set(tf.sub(tf.add(hard(z), p), p).dataSync()).size).toBeGreaterThan(2);
  });

  it("has the gradient of its surrogate", () => {
    const z = tf.tensor2d([0.3, -0.2, 1.1, 0.4, 0.5, 0.6], [2, 3]);
    const g = tf.tensor2d([1, -2, 0.5, 3, 0, -1], [2, 3]);
    for (const backward of ["softmax", "sparsemax", "entmax15"] as const) {
      const gradient = vjp((x) => straightThrough(x, { backward, temperature: 0.7 }), z, g);
      const wanted = vjp((x) => surrogates[backward](x, { temperature: 0.7 }), z, g);
      expect(numbers(gradient)).toEqual(numbers(wanted));
    }
    expectClose(
      vjp((x) => straightThrough(x, { backward: "identity", temperature: 2 }), z, g),
      [0.5, -1, 0.25, 1.5, 0, -0.5],
    );
  });

  it("has equal gradients for [B, K] and [B, 1, K]", () => {
    const z = tf.tensor2d([0.3, -0.2, 1.1, 0.4, 0.5, 0.6], [2, 3]);
    for (const backward of names) {
      const f = (x: tf.Tensor) => straightThrough(x, { backward });
      const deep = vjp(f, tf.expandDims(z, 1), tf.expandDims(z, 1));
      expect(numbers(deep)).toEqual(numbers(vjp(f, z, z)));
    }
  });

  it("neither chooses nor moves what the mask forbids", () => {
    const z = tf.tensor2d([1.5, 2, 3, 4, 5, 6], [2, 3]);
    const mask = tf.tensor2d([1, 1, 0, 0, 0, 0], [2, 3]);
    for (const backward of names) {
      const f = (x: tf.Tensor) => straightThrough(x, { backward, mask });
      expectClose(f(z), [0, 1, 0, 0, 0, 0], { atol: 0 });
      const gradient = numbers(vjp(f, z, tf.tensor2d([1, 3, 9, 9, 9, 9], [2, 3])));
      expect(gradient.slice(2)).toEqual([0, 0, 0, 0]);
      expect(gradient[1]).not.toBe(0);
    }
  });

  it("does not free the gradient that it passes on", () => {
    const z = tf.tensor1d([1, 2]);
    const g = tf.tensor1d([3, 4]);
    const f = (x: tf.Tensor) => tf.add(straightThrough(x, { backward: "identity" }), x);
    expectClose(vjp(f, z, g), [6, 8]);
    expectClose(g, [3, 4]);
  });

  it("leaves no tensor behind", () => {
    const z = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const mask = tf.tensor1d([1, 0]);
    for (const backward of names) {
      expectNoLeak(() => straightThrough(z, { backward, mask }));
      expectNoLeak(() => vjp((x) => straightThrough(x, { backward, mask }), z, z));
    }
  });

  it("refuses an unknown surrogate, temperatures ≤ 0 and logits of rank 0", () => {
    const z = tf.zeros([2, 3]);
    expect(() => straightThrough(z, { backward: "reinmax" as Surrogate })).toThrow(
      /backward must be one of .*, got reinmax/,
    );
    expect(() => straightThrough(z, { temperature: 0 })).toThrow(/straightThrough: temperature/);
    expect(() => straightThrough(tf.scalar(1))).toThrow(/straightThrough: logits/);
  });
});
