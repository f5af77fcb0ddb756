import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Estimator, estimate, gumbelNoise, mixCodebook } from "../src/index.js";
import { expectClose, expectNoLeak, numbers } from "./helpers.js";
import { logitsArbitrary } from "./map-laws.js";

const z = [0.2, -0.4, 0.9];
const costs = [1, -2, 0.5];
const exactValue = 0.25522;
const exactGradient = [0.2091, -0.3474, 0.1384];

const table =
  (values: readonly number[]) =>
  (indices: tf.Tensor): tf.Tensor =>
    tf.gather(tf.tensor1d([...values]), indices);
const gradientOf = (logits: tf.Tensor, f: (indices: tf.Tensor) => tf.Tensor, estimator: Estimator) =>
  tf.grad((x: tf.Tensor) => estimate(x, f, estimator).surrogate)(logits);

/** n estimates in one call: the rows are independent, and the mean over them is undone. */
function manyEstimates(n: number, values: readonly number[], make: (seed: string) => Estimator): number[][] {
  const logits = tf.tile(tf.tensor2d([z]), [n, 1]);
  return tf.mul(gradientOf(logits, table(values), make("draws")), n).arraySync() as number[][];
}

const n = 20_000;
const noise = (draws: number) => (seed: string) => gumbelNoise([draws, n, 3], createRng(seed));
const estimators: Record<string, (seed: string) => Estimator> = {
  reinforce: (seed) => ({ kind: "reinforce", draws: noise(1)(seed) }),
  "reinforce with a baseline": (seed) => ({ kind: "reinforce", draws: noise(1)(seed), baseline: 0.25 }),
  rloo: (seed) => ({ kind: "rloo", draws: noise(2)(seed) }),
  "sumAndSample, m = 1": (seed) => ({ kind: "sumAndSample", top: 1, noise: noise(1)(seed) }),
  "sumAndSample, m = 2": (seed) => ({ kind: "sumAndSample", top: 2, noise: noise(2)(seed) }),
};

function momentsOf(estimates: number[][]) {
  const count = estimates.length;
  const mean = z.map((_, k) => estimates.reduce((sum, row) => sum + row[k]!, 0) / count);
  const variance = z.map((_, k) => estimates.reduce((sum, row) => sum + (row[k]! - mean[k]!) ** 2, 0) / (count - 1));
  return { mean, variance };
}

describe("estimate", () => {
  it("equals the worked example by enumeration, value and gradient", () => {
    const logits = tf.tensor1d(z);
    expectClose(estimate(logits, table(costs), { kind: "enumerate" }).value, exactValue, { atol: 1e-5 });
    expectClose(gradientOf(logits, table(costs), { kind: "enumerate" }), exactGradient, { atol: 5e-5 });
  });

  it("by enumeration has the gradient of Σ p f, averaged over the rows", () => {
    fc.assert(
      fc.property(logitsArbitrary(), (row) => {
        const logits = tf.tensor3d([row, [...row].reverse()].flat(), [2, 1, row.length]);
        const f = tf.sin(tf.range(0, row.length));
        const wanted = tf.grad((x: tf.Tensor) => tf.mean(tf.sum(tf.mul(tf.softmax(x), f), -1)))(logits);
        expectClose(
          gradientOf(logits, (k) => tf.gather(f, k), { kind: "enumerate" }),
          numbers(wanted),
        );
      }),
    );
  });

  for (const [name, make] of Object.entries(estimators))
    it(`is unbiased by ${name} (4 standard errors of 20 000 estimates, false alarm 2e-4)`, () => {
      const { mean, variance } = momentsOf(manyEstimates(n, costs, make));
      mean.forEach((v, k) => {
        expect(Math.abs(v - exactGradient[k]!)).toBeLessThan(4 * Math.sqrt(variance[k]! / n) + 5e-5);
      });
      const logits = tf.tile(tf.tensor2d([z]), [n, 1]);
      expectClose(estimate(logits, table(costs), make("value")).value, exactValue, { atol: 4 * (1.5 / Math.sqrt(n)) });
    });

  it("has ever less variance: reinforce, rloo, sumAndSample, enumerate, at equal numbers of evaluations", () => {
    const shifted = costs.map((c) => c + 2);
    const total = (make: (seed: string) => Estimator) =>
      momentsOf(manyEstimates(n, shifted, make)).variance.reduce((a, b) => a + b);
    const reinforce = total((seed) => ({ kind: "reinforce", draws: noise(2)(seed) }));
    const rloo = total(estimators.rloo!);
    const sumAndSample = total(estimators["sumAndSample, m = 1"]!);
    const enumerate = total(() => ({ kind: "enumerate" }));
    expect(reinforce).toBeGreaterThan(rloo);
    expect(rloo).toBeGreaterThan(sumAndSample);
    expect(sumAndSample).toBeGreaterThan(enumerate);
    expect(enumerate).toBeLessThan(1e-9);
  });

  it("is exact by sumAndSample with m = K", () => {
    const noise = gumbelNoise([2, 3], createRng(1));
    const all = { kind: "sumAndSample", top: 3, noise } as const;
    expectClose(gradientOf(tf.tensor1d(z), table(costs), all), exactGradient, { atol: 5e-5 });
    expectClose(estimate(tf.tensor1d(z), table(costs), all).value, exactValue, { atol: 1e-5 });
  });

  it("takes samples in place of noise", () => {
    const logits = tf.tensor2d([z, z]);
    const draws = gumbelNoise([4, 2, 3], createRng("given"));
    const samples = tf.argMax(tf.add(logits, draws), -1);
    for (const kind of ["reinforce", "rloo"] as const)
      expect(numbers(gradientOf(logits, table(costs), { kind, draws: samples }))).toEqual(
        numbers(gradientOf(logits, table(costs), { kind, draws })),
      );
  });

  it("does not change in the mean with a baseline, and is 0 when the baseline is the cost", () => {
    const draws = tf.tensor2d([1, 2], [1, 2], "int32");
    const baseline = tf.tensor1d([-2, 0.5]);
    const gradient = gradientOf(tf.tensor2d([z, z]), table(costs), { kind: "reinforce", draws, baseline });
    expectClose(gradient, [0, 0, 0, 0, 0, 0]);
  });

  it("trains what f holds through its value, and the logits through its surrogate", () => {
    const draws = tf.tensor1d([0, 2, 2], "int32");
    const parts = (logits: tf.Tensor, held: tf.Tensor) =>
      estimate(logits, (k) => tf.squeeze(mixCodebook(k, tf.expandDims(held, 1)), [1]), { kind: "reinforce", draws });
    const logits = tf.tensor1d(z);
    const held = tf.tensor1d(costs);
    const [, dHeld] = tf.grads((x, h) => {
      const { surrogate, value } = parts(x, h);
      return tf.add(surrogate, value);
    })([logits, held]);
    expectClose(dHeld!, [1 / 3, 0, 2 / 3]);
    const valueAlone = tf.grad((x: tf.Tensor) => tf.add(parts(x, held).value, tf.mul(tf.sum(x), 0)))(logits);
    expectClose(valueAlone, [0, 0, 0], { atol: 0 });
  });

  it("leaves no tensor behind", () => {
    const logits = tf.tensor2d([z, z]);
    const draws = gumbelNoise([2, 2, 3], createRng(1));
    for (const estimator of [
      { kind: "enumerate" },
      { kind: "reinforce", draws },
      { kind: "rloo", draws },
      { kind: "sumAndSample", top: 1, noise: draws },
    ] as const) {
      expectNoLeak(() => ({ ...estimate(logits, table(costs), estimator) }));
      expectNoLeak(() => gradientOf(logits, table(costs), estimator));
    }
  });

  it("refuses too many codes, too few draws, tops out of range and shapes that do not fit", () => {
    const run =
      (logits: tf.Tensor, estimator: Estimator, f = table(costs)) =>
      () =>
        estimate(logits, f, estimator);
    const logits = tf.tensor1d(z);
    expect(run(tf.zeros([65]), { kind: "enumerate" })).toThrow(/K must be an integer in \[1, 64\], got 65/);
    expect(run(logits, { kind: "enumerate", maxEnumerate: 2 })).toThrow(/K must be/);
    expect(run(logits, { kind: "rloo", draws: tf.zeros([1, 3]) })).toThrow(/rloo must have at least 2 draws, got 1/);
    expect(run(logits, { kind: "sumAndSample", top: 4, noise: tf.zeros([1, 3]) })).toThrow(/top must be .*\[1, 3\]/);
    expect(run(logits, { kind: "sumAndSample", top: 1, noise: tf.zeros([1, 2]) })).toThrow(
      /noise must be \[n,3\] with n ≥ 1, got float32 \[1,2\]/,
    );
    expect(run(logits, { kind: "reinforce", draws: tf.zeros([3]) })).toThrow(/draws must be \[n,3\]/);
    expect(run(logits, { kind: "reinforce", draws: tf.zeros([2, 2], "int32") })).toThrow(
      /draws must be \[n\] with n ≥ 1, got int32 \[2,2\]/,
    );
    expect(run(logits, { kind: "reinforce", draws: tf.zeros([2, 3]), baseline: tf.zeros([2]) })).toThrow(/baseline/);
    expect(run(logits, { kind: "enumerate" }, () => tf.scalar(1))).toThrow(
      /costs must have the shape of the indices, \[3\]/,
    );
    expect(run(logits, { kind: "rebar" as "enumerate" })).toThrow(/kind must be one of/);
    expect(run(tf.scalar(1), { kind: "enumerate" })).toThrow(/logits must be float32/);
  });
});
