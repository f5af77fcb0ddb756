import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MapOptions } from "../src/index.js";
import reference from "./fixtures/reference.json" with { type: "json" };
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";

export type Map = (logits: tf.Tensor, options?: MapOptions) => tf.Tensor;

/** Distinct logits on a grid that float32 holds exactly. */
export const logitsArbitrary = (minLength = 1) =>
  fc
    .uniqueArray(fc.integer({ min: -160, max: 160 }), { minLength, maxLength: 12 })
    .map((row) => row.map((v) => v / 32));

/** What holds for every map from logits to the simplex. */
export function describeMapLaws(map: Map): void {
  describe("as a map to the simplex", () => {
    it("has weights ≥ 0 that sum to 1", () => {
      fc.assert(
        fc.property(logitsArbitrary(), (z) => {
          const p = numbers(map(tf.tensor1d(z)));
          expect(Math.min(...p)).toBeGreaterThanOrEqual(0);
          expectClose([p.reduce((a, b) => a + b)], 1);
        }),
      );
    });

    it("does not change when a constant is added to the logits", () => {
      fc.assert(
        fc.property(logitsArbitrary(), fc.integer({ min: -64, max: 64 }), (z, c) => {
          expectClose(map(tf.add(tf.tensor1d(z), c)), numbers(map(tf.tensor1d(z))));
        }),
      );
    });

    it("permutes its weights with the logits", () => {
      fc.assert(
        fc.property(logitsArbitrary(2), fc.nat(), (z, shift) => {
          const rotate = (row: number[]) => row.map((_, i) => row[(i + shift) % row.length]!);
          expectClose(map(tf.tensor1d(rotate(z))), rotate(numbers(map(tf.tensor1d(z)))));
        }),
      );
    });

    it("has gradients that sum to 0 in each row, and the same for [B, K] and [B, 1, K]", () => {
      fc.assert(
        fc.property(logitsArbitrary(2), (z) => {
          const rows = tf.tensor2d([z, [...z].reverse()]);
          const g = tf.reshape(tf.sin(tf.range(0, rows.size)), rows.shape);
          const flat = vjp(map, rows, g);
          const deep = vjp(map, tf.expandDims(rows, 1), tf.expandDims(g, 1));
          expect(numbers(deep)).toEqual(numbers(flat));
          expectClose(tf.sum(flat, -1), [0, 0]);
        }),
      );
    });

    it("divides by the temperature, as a number or as a scalar", () => {
      const z = tf.tensor2d([
        [1, -0.5, 0.25],
        [0, 2, 1],
      ]);
      const g = tf.tensor2d([
        [1, 2, -1],
        [0.5, -1, 3],
      ]);
      const wanted = map(tf.div(z, 2));
      expectClose(map(z, { temperature: 2 }), numbers(wanted));
      expectClose(map(z, { temperature: tf.scalar(2) }), numbers(wanted));
      const gradient = vjp((x) => map(tf.div(x, 2)), z, g);
      expectClose(
        vjp((x) => map(x, { temperature: tf.scalar(2) }), z, g),
        numbers(gradient),
      );
    });

    it("has a gradient for a scalar temperature", () => {
      const z = tf.tensor1d([0.3, 0.1, -0.4, 0.2]);
      const g = tf.tensor1d([1, -2, 0.5, 3]);
      const f = (tau: tf.Tensor) => tf.sum(tf.mul(map(z, { temperature: tau as tf.Scalar }), g));
      const at = (tau: number) => f(tf.scalar(tau)).dataSync()[0]!;
      const [slope] = tf.grad(f)(tf.scalar(1.5)).dataSync();
      expectClose([slope!], (at(1.51) - at(1.49)) / 0.02, { atol: 1e-4 });
    });

    it("ignores what the mask forbids, whatever stands there, and gives it no gradient", () => {
      const z = tf.tensor2d([
        [1, 3e38, 0.5, Number.NEGATIVE_INFINITY],
        [1, 3, 0.5, 2],
      ]);
      const mask = tf.tensor2d([
        [1, 0, 1, 0],
        [1, 1, 1, 1],
      ]);
      const [masked, free] = tf.unstack(map(z, { mask }));
      const pair = map(tf.tensor1d([1, 0.5])).dataSync();
      expectClose(masked!, [pair[0]!, 0, pair[1]!, 0]);
      expectClose(free!, numbers(map(tf.tensor1d([1, 3, 0.5, 2]))));
      const [dz] = tf.unstack(vjp((x) => map(x, { mask }), z, tf.tensor2d([1, 2, 3, 4, 0, 0, 0, 0], [2, 4])));
      const dPair = vjp(map, tf.tensor1d([1, 0.5]), tf.tensor1d([1, 3])).dataSync();
      expectClose(dz!, [dPair[0]!, 0, dPair[1]!, 0]);
    });

    it("gives zeros and a gradient of zeros in a row where nothing is allowed", () => {
      const z = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
      const mask = tf.tensor2d([0, 0, 0, 1, 1, 0], [2, 3], "bool");
      expectClose(tf.unstack(map(z, { mask }))[0]!, [0, 0, 0], { atol: 0 });
      expectClose(tf.unstack(vjp((x) => map(x, { mask }), z, tf.onesLike(z)))[0]!, [0, 0, 0], { atol: 0 });
    });

    it("broadcasts the mask", () => {
      const p = map(tf.ones([2, 3, 4]), { mask: tf.tensor1d([1, 0, 1, 0]) });
      expectClose(tf.sum(p, [0, 1]), [3, 0, 3, 0]);
    });

    it("stays finite for logits of ±1e4, tiny temperatures, one code and equal rows", () => {
      for (const [z, temperature] of [
        [[1e4, -1e4, 0, 9999], 1e-3],
        [[-1e4, -1e4, -1e4], 1],
        [[7], 1e-3],
        [[0, 0, 0, 0, 0], 1e-3],
      ] as const) {
        const x = tf.tensor1d([...z]);
        const p = map(x, { temperature });
        expectClose(tf.sum(p), 1);
        const gradient = vjp((y) => map(y, { temperature }), x, tf.range(0, z.length)).dataSync();
        expect(gradient.every(Number.isFinite)).toBe(true);
      }
    });

    it("handles 50 000 codes", () => {
      const p = map(tf.sin(tf.range(0, 50_000)));
      expectClose(tf.sum(p), 1, { atol: 1e-4 });
    });

    it("leaves no tensor behind", () => {
      const z = tf.tensor2d([1, 2, 3, 4], [2, 2]);
      const options = { temperature: tf.scalar(0.5), mask: tf.tensor1d([1, 0]) };
      expectNoLeak(() => map(z, options));
      expectNoLeak(() => vjp((x) => map(x, options), z, z));
    });

    it("refuses logits of rank 0 or of integers, temperatures ≤ 0 and masks of another shape", () => {
      const z = tf.tensor2d([1, 2, 3, 4], [2, 2]);
      expect(() => map(tf.scalar(1))).toThrow(/logits must be float32 \[…, K\]/);
      expect(() => map(tf.zeros([2, 0]))).toThrow(/K ≥ 1/);
      expect(() => map(tf.tensor1d([1, 2], "int32"))).toThrow(/float32/);
      for (const temperature of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => map(z, { temperature })).toThrow(/temperature must be finite and > 0/);
      expect(() => map(z, { temperature: tf.tensor1d([1, 2]) as tf.Tensor as tf.Scalar })).toThrow(/scalar/);
      expect(() => map(z, { mask: tf.ones([3]) })).toThrow(/mask must be broadcastable to \[2,2\], got \[3\]/);
      expect(() => map(z, { mask: tf.ones([1, 2, 2]) })).toThrow(/mask/);
    });
  });
}

/** Values and gradients against the Python reference. */
export function describeReference(map: Map, name: "softmax" | "sparsemax" | "entmax15"): void {
  for (const { shape, temperature, logits, gradient, ...maps } of reference.maps) {
    it(`equals the reference for [${shape}] at τ = ${temperature}, value and gradient`, () => {
      const z = tf.tensor(logits, shape);
      const { value, vjp: wanted } = maps[name];
      expectClose(map(z, { temperature }), value);
      expectClose(
        vjp((x) => map(x, { temperature }), z, tf.tensor(gradient, shape)),
        wanted,
        { atol: 1e-5 },
      );
    });
  }
}

/** That p maximises ⟨p, z⟩ + H_α(p) over the simplex, H_α the Tsallis entropy of the family. */
export function expectOptimal(map: Map, alpha: number): void {
  const entropy = (p: number[]) =>
    alpha === 1
      ? -p.reduce((sum, v) => sum + (v > 0 ? v * Math.log(v) : 0), 0)
      : p.reduce((sum, v) => sum + v - v ** alpha, 0) / (alpha * (alpha - 1));
  const objective = (p: number[], z: number[]) => entropy(p) + p.reduce((sum, v, i) => sum + v * z[i]!, 0);
  fc.assert(
    fc.property(
      logitsArbitrary(2),
      fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 12, maxLength: 12 }),
      fc.constantFrom(1, 0.1, 0.01),
      (z, masses, step) => {
        const p = numbers(map(tf.tensor1d(z)));
        const other = z.map((_, i) => masses[i]! + 0.01);
        const total = other.reduce((a, b) => a + b);
        const q = p.map((v, i) => (1 - step) * v + (step * other[i]!) / total);
        expect(objective(q, z)).toBeLessThanOrEqual(objective(p, z) + 1e-6);
      },
    ),
  );
}
