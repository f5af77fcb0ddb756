import * as tf from "@tensorflow/tfjs-core";
import { createRng, type Rng } from "@x/core";
import { describe, expect, it } from "vitest";
import { gumbelNoise, sampleOneHot, softmax } from "../src/index.js";
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";

interface Quadratic {
  A: number[][];
  b: number[];
}

const vector = (n: number, rng: Rng) => Array.from({ length: n }, () => rng.normal());
const randomQuadratic = (K: number, rng: Rng): Quadratic => ({
  A: Array.from({ length: K }, () => vector(K, rng)),
  b: vector(K, rng),
});

/** f(e_k) and ∇f(e_k) of f(x) = xᵀAx + bᵀx. */
const valueAt = ({ A, b }: Quadratic, k: number) => A[k]![k]! + b[k]!;
const gradientAt = ({ A, b }: Quadratic, k: number) => b.map((v, i) => v + A[i]![k]! + A[k]![i]!);

/** E over all draws of the estimator's gradient, and the exact ∇_z Σ p_k f(e_k). */
function expectedAndExact(z: number[], f: Quadratic, backward: "softmax" | "reinmax") {
  const p = numbers(softmax(tf.tensor1d(z)));
  const estimate = z.map(() => 0);
  for (let k = 0; k < z.length; k++) {
    const noise = tf.tensor1d(z.map((_, i) => (i === k ? 1e3 : 0))); // forces the draw k
    const draw = (x: tf.Tensor) => sampleOneHot(x, { noise, backward });
    const g = vjp(draw, tf.tensor1d(z), tf.tensor1d(gradientAt(f, k))).dataSync();
    g.forEach((v, i) => {
      estimate[i]! += p[k]! * v;
    });
  }
  const mean = p.reduce((sum, v, k) => sum + v * valueAt(f, k), 0);
  return { estimate, exact: z.map((_, k) => p[k]! * (valueAt(f, k) - mean)) };
}

const largest = (a: number[], b: number[]) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));

describe("sampleOneHot", () => {
  it("draws from softmax(z/τ) (χ² with 2 degrees of freedom, false alarm 1e-4)", () => {
    const n = 20_000;
    const z = tf.tile(tf.tensor2d([0.5, -0.5, 0.1], [1, 3]), [n, 1]);
    const noise = gumbelNoise([n, 3], createRng("draws"));
    const counts = tf.sum(sampleOneHot(z, { noise, temperature: 0.5 }), 0).dataSync();
    const p = numbers(softmax(tf.tensor1d([0.5, -0.5, 0.1]), { temperature: 0.5 }));
    expect(p.reduce((sum, q, k) => sum + (counts[k]! - n * q) ** 2 / (n * q), 0)).toBeLessThan(18.42);
  });

  it("draws from softmax(z) with reinmax, whatever the temperature", () => {
    const z = tf.tensor2d([0.5, -0.5, 0.1, 1, 2, 3], [2, 3]);
    const noise = gumbelNoise([2, 3], createRng(2));
    const cold = sampleOneHot(z, { noise, backward: "reinmax", temperature: 0.1 }).dataSync();
    expect([...cold]).toEqual(numbers(sampleOneHot(z, { noise })));
  });

  it("has the gradient of softmax(z/τ) at the clean logits", () => {
    const z = tf.tensor2d([0.5, -0.5, 0.1, 1, 2, 3], [2, 3]);
    const g = tf.tensor2d([1, 2, -1, 0.5, 0, 3], [2, 3]);
    const noise = gumbelNoise([2, 3], createRng(2));
    const wanted = vjp((x) => softmax(x, { temperature: 0.7 }), z, g).dataSync();
    expectClose(
      vjp((x) => sampleOneHot(x, { noise, temperature: 0.7 }), z, g),
      wanted,
    );
  });

  it("has the gradient 2 J(π₁)ᵀg − ½ J(π₀)ᵀg with reinmax, τ in π₁ alone", () => {
    const z = [0.5, -0.5, 0.1];
    const g = [1, 2, -1];
    const p = (tau: number) => numbers(softmax(tf.tensor1d(z), { temperature: tau }));
    const pull = (pi: number[]) => {
      const dot = pi.reduce((sum, v, i) => sum + v * g[i]!, 0);
      return pi.map((v, i) => v * (g[i]! - dot));
    };
    const first = pull(p(2).map((v, i) => (v + (i === 1 ? 1 : 0)) / 2));
    const second = pull(p(1));
    const draw = (x: tf.Tensor) =>
      sampleOneHot(x, { noise: tf.tensor1d([0, 99, 0]), backward: "reinmax", temperature: tf.scalar(2) });
    expectClose(
      vjp(draw, tf.tensor1d(z), tf.tensor1d(g)),
      first.map((v, i) => 2 * v - 0.5 * second[i]!),
    );
  });

  it("is exact in the mean for linear losses, and with reinmax for quadratic ones", () => {
    const rng = createRng("quadratics");
    let worstStraightThrough = 0;
    for (const K of [2, 3, 5])
      for (let repeat = 0; repeat < 5; repeat++) {
        const z = vector(K, rng);
        const quadratic = randomQuadratic(K, rng);
        const linear = { ...quadratic, A: quadratic.A.map((row) => row.map(() => 0)) };
        for (const [f, backward] of [
          [linear, "softmax"],
          [linear, "reinmax"],
          [quadratic, "reinmax"],
        ] as const) {
          const { estimate, exact } = expectedAndExact(z, f, backward);
          expectClose(estimate, exact, { atol: 1e-6 });
        }
        const { estimate, exact } = expectedAndExact(z, quadratic, "softmax");
        worstStraightThrough = Math.max(worstStraightThrough, largest(estimate, exact));
      }
    expect(worstStraightThrough).toBeGreaterThan(0.03);
  });

  it("is exactly 0 and 1, draws nothing where nothing is allowed and has no gradient there", () => {
    const z = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
    const mask = tf.tensor2d([1, 0, 1, 0, 0, 0], [2, 3]);
    const noise = tf.tensor1d([0, 50, 0]);
    for (const backward of ["softmax", "reinmax"] as const) {
      const f = (x: tf.Tensor) => sampleOneHot(x, { noise, mask, backward });
      expectClose(f(z), [0, 0, 1, 0, 0, 0], { atol: 0 });
      const gradient = numbers(vjp(f, z, tf.tensor2d([1, 9, 3, 9, 9, 9], [2, 3])));
      expect(gradient[0]).not.toBe(0);
      expectClose([gradient[1]!, ...gradient.slice(3)], [0, 0, 0, 0], { atol: 0 });
    }
  });

  it("leaves no tensor behind", () => {
    const z = tf.zeros([2, 3]);
    const noise = gumbelNoise([2, 3], createRng(1));
    for (const backward of ["softmax", "reinmax"] as const) {
      expectNoLeak(() => sampleOneHot(z, { noise, backward, temperature: 2 }));
      expectNoLeak(() => vjp((x) => sampleOneHot(x, { noise, backward, temperature: 2 }), z, z));
    }
  });

  it("refuses noise of another shape and an unknown gradient", () => {
    const z = tf.zeros([2, 3]);
    expect(() => sampleOneHot(z, { noise: tf.zeros([2, 4]) })).toThrow(/sampleOneHot: noise must be broadcastable/);
    const backward = "identity" as "softmax";
    expect(() => sampleOneHot(z, { noise: z, backward })).toThrow(/backward must be one of softmax, reinmax/);
  });
});
