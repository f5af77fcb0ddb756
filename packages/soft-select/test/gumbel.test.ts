import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { gumbelNoise, gumbelSoftmax, softmax, uniformNoise } from "../src/index.js";
import reference from "./fixtures/reference.json" with { type: "json" };
import { expectClose, expectNoLeak, numbers, vjp } from "./helpers.js";

/** √n times the Kolmogorov–Smirnov distance to a distribution function. */
function kolmogorov(sample: Float32Array, cdf: (x: number) => number): number {
  const n = sample.length;
  const worst = sample
    .sort()
    .reduce((d, x, i) => Math.max(d, Math.abs(cdf(x) - i / n), Math.abs(cdf(x) - (i + 1) / n)), 0);
  return Math.sqrt(n) * worst;
}

const constant = (u: number) => ({ ...createRng(0), float: () => u });

describe("uniformNoise and gumbelNoise", () => {
  // 2.23 is the 1 − 1e-4 quantile of Kolmogorov's distribution.
  it("follow their distributions (Kolmogorov–Smirnov, false alarm 1e-4)", () => {
    const sample = (noise: typeof gumbelNoise) => noise([100_000], createRng("ks")).dataSync() as Float32Array;
    expect(kolmogorov(sample(uniformNoise), (x) => x)).toBeLessThan(2.23);
    expect(kolmogorov(sample(gumbelNoise), (x) => Math.exp(-Math.exp(-x)))).toBeLessThan(2.23);
  });

  it("are finite at both ends of the generator's range", () => {
    for (const u of [0, 1 - 2 ** -53]) expect(Number.isFinite(gumbelNoise([1], constant(u)).dataSync()[0])).toBe(true);
    expect(uniformNoise([1], constant(0)).dataSync()[0]).toBe(2 ** -24);
    expect(uniformNoise([1], constant(1 - 2 ** -53)).dataSync()[0]).toBe(1 - 2 ** -24);
  });

  it("are finite in 10⁷ seeded draws", () => {
    const noise = gumbelNoise([10_000_000], createRng(1));
    expect((noise.dataSync() as Float32Array).every(Number.isFinite)).toBe(true);
    tf.dispose(noise);
  });

  it("give the same numbers for the same seed and others for another", () => {
    const draw = (seed: number) => numbers(gumbelNoise([2, 3], createRng(seed)));
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  it("refuse a shape that is no shape", () => {
    expect(() => gumbelNoise([2, -1], createRng(0))).toThrow(/gumbelNoise: shape .* got \[2,-1\]/);
    expect(() => uniformNoise([1.5], createRng(0))).toThrow(/uniformNoise: shape/);
  });
});

describe("gumbelSoftmax", () => {
  for (const { shape, temperature, hard, logits, gradient, noise, value, vjp: wanted } of reference.gumbel)
    it(`equals PyTorch on the same noise, [${shape}], τ = ${temperature}, hard = ${hard}`, () => {
      const z = tf.tensor(logits, shape);
      const options = { temperature, hard, noise: tf.tensor(noise, shape) };
      expectClose(gumbelSoftmax(z, options), value, { atol: hard ? 0 : 1e-6 });
      const dz = vjp((x) => gumbelSoftmax(x, options), z, tf.tensor(gradient, shape));
      expectClose(dz, wanted, { atol: 1e-5 });
    });

  it("scales the noise: at 0 it is softmax", () => {
    const z = tf.tensor2d([0.3, -1, 2, 0.1], [2, 2]);
    const noise = gumbelNoise([2, 2], createRng(3));
    expectClose(gumbelSoftmax(z, { noise, noiseScale: 0 }), softmax(z).dataSync());
    const doubled = gumbelSoftmax(z, { noise: tf.mul(noise, 2) }).dataSync();
    expectClose(gumbelSoftmax(z, { noise, noiseScale: tf.scalar(2) }), doubled);
  });

  it("draws its argmax from softmax(z) (χ² with 4 degrees of freedom, false alarm 1e-4)", () => {
    const n = 20_000;
    const z = tf.tensor1d([0.2, -0.4, 0.9, 0, -1.5]);
    const noise = gumbelNoise([n, 5], createRng("chi"));
    const draws = gumbelSoftmax(tf.tile(tf.expandDims(z, 0), [n, 1]), { noise, hard: true });
    const counts = tf.sum(draws, 0).dataSync();
    const chi = numbers(softmax(z)).reduce((sum, p, k) => sum + (counts[k]! - n * p) ** 2 / (n * p), 0);
    expect(chi).toBeLessThan(23.51);
  });

  it("never draws what the mask forbids", () => {
    const z = tf.tensor2d([0, 9, 0, 1, 2, 3], [2, 3]);
    const mask = tf.tensor2d([1, 0, 1, 0, 0, 0], [2, 3]);
    const noise = tf.tensor1d([0, 50, 1]);
    expectClose(gumbelSoftmax(z, { noise, mask, hard: true }), [0, 0, 1, 0, 0, 0], { atol: 0 });
    const p = 1 / (1 + Math.E);
    expectClose(gumbelSoftmax(z, { noise, mask }), [p, 0, 1 - p, 0, 0, 0]);
  });

  it("leaves no tensor behind", () => {
    const z = tf.zeros([2, 3]);
    const noise = gumbelNoise([2, 3], createRng(1));
    expectNoLeak(() => gumbelNoise([2, 3], createRng(1)));
    for (const hard of [false, true]) {
      expectNoLeak(() => gumbelSoftmax(z, { noise, hard, noiseScale: 0.5 }));
      expectNoLeak(() => vjp((x) => gumbelSoftmax(x, { noise, hard }), z, z));
    }
  });

  it("refuses noise of another shape, a negative scale and a temperature ≤ 0", () => {
    const z = tf.zeros([2, 3]);
    const noise = tf.zeros([2, 3]);
    expect(() => gumbelSoftmax(z, { noise: tf.zeros([4, 2, 3]) })).toThrow(
      /gumbelSoftmax: noise must be broadcastable/,
    );
    expect(() => gumbelSoftmax(z, { noise, noiseScale: -1 })).toThrow(/noiseScale must be finite and ≥ 0/);
    expect(() => gumbelSoftmax(z, { noise, temperature: 0 })).toThrow(/gumbelSoftmax: temperature/);
  });
});
