import { readFileSync } from "node:fs";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitGaussianMixture, type InitialMixture } from "../../src/continuous/gaussian-mixture.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

interface Fit {
  initial: InitialMixture;
  options: { tolerance: number; maxIterations: number; regCovar: number };
  weights: number[];
  means: number[];
  covariances: number[];
  logLikelihood: number;
  aic: number;
  bic: number;
  iterations: number;
  converged: boolean;
}
const fixture: { mixtures: { name: string; dim: number; rows: number[]; fits: Fit[] }[] } = JSON.parse(
  readFileSync(new URL("../fixtures/continuous.json", import.meta.url), "utf8"),
);
const cases = fixture.mixtures.flatMap(({ name, dim, rows, fits }) =>
  fits.map((fit) => ({ title: `${name}, k = ${fit.weights.length}`, dim, rows, fit })),
);

/** Rows of `sizes.length` blobs, deviation 1, ten apart on every axis. */
function blobs(seed: number, dim: number, sizes: readonly number[]): number[] {
  const rng = createRng(seed);
  return sizes.flatMap((size, c) => Array.from({ length: size * dim }, () => 10 * c + rng.normal()));
}

describe("fitGaussianMixture", () => {
  it.each(cases)("takes scikit-learn's steps: $title", ({ dim, rows, fit }) => {
    const found = fitGaussianMixture(rows, dim, { initial: fit.initial, ...fit.options });
    expectClose(found.weights, fit.weights, { atol: 1e-6 });
    expectClose(found.means, fit.means, { atol: 1e-6 });
    expectClose(found.covariances, fit.covariances, { atol: 1e-6 });
    expectClose(found.logLikelihood, fit.logLikelihood, { atol: 1e-8 });
    expectClose([found.aic, found.bic], [fit.aic, fit.bic], { atol: 1e-6 });
    expect([found.iterations, found.converged]).toEqual([fit.iterations, fit.converged]);
  });

  it("gives one Gaussian the mean and the covariance of the rows", () => {
    const rows = [1, 2, 3, 5, 8, 1, 0, 0];
    const { weights, means, covariances, iterations, converged, logLikelihood } = fitGaussianMixture(rows, 2, {
      components: 1,
      seed: 0,
      regCovar: 0,
    });
    expectClose(weights, [1], { atol: 1e-14 });
    expectClose(means, [3, 2], { rtol: 1e-14 });
    expectClose(covariances, [9.5, 0.25, 0.25, 3.5], { rtol: 1e-13 });
    expect([iterations, converged]).toEqual([2, true]);
    // Σ ln N of n rows under their own mean and covariance: −n/2 (D ln 2π + ln |Σ| + D)
    const determinant = 9.5 * 3.5 - 0.25 ** 2;
    expectClose(logLikelihood, -2 * (2 * Math.log(2 * Math.PI) + Math.log(determinant) + 2), { rtol: 1e-13 });
  });

  it("finds blobs that lie apart", () => {
    const { weights, means, covariances } = fitGaussianMixture(blobs(1, 2, [300, 100]), 2, { components: 2, seed: 3 });
    const order = weights[0]! > weights[1]! ? [0, 1] : [1, 0];
    expectClose(
      order.map((c) => weights[c]!),
      [0.75, 0.25],
      { atol: 1e-9 },
    );
    // Means of 100 and more unit normals: 0.5 is five deviations.
    for (const [blob, c] of order.entries()) {
      expectClose(means.subarray(2 * c, 2 * c + 2), [10 * blob, 10 * blob], { atol: 0.5 });
      expectClose(covariances.subarray(4 * c, 4 * c + 4), [1, 0, 0, 1], { atol: 0.75 });
    }
  });

  it("counts parameters: k means, covariances and weights that sum to 1", () => {
    const rows = blobs(2, 3, [20, 20]);
    const { parameterCount, aic, bic, logLikelihood } = fitGaussianMixture(rows, 3, { components: 2, seed: 0 });
    expect(parameterCount).toBe(19);
    expect(aic).toBe(38 - 2 * logLikelihood);
    expect(bic).toBe(19 * Math.log(40) - 2 * logLikelihood);
  });

  it("never loses likelihood from one step to the next", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), (seed, dim, k) => {
        const rng = createRng(seed);
        const rows = Array.from({ length: 200 * dim }, () => rng.normal() + 2 * rng.int(3));
        let before = Number.NEGATIVE_INFINITY;
        for (const maxIterations of [1, 2, 3, 5, 8, 13]) {
          const settings = { components: k, seed, maxIterations, tolerance: 0, regCovar: 0 };
          const now = fitGaussianMixture(rows, dim, settings).logLikelihood;
          expect(now).toBeGreaterThanOrEqual(before - 1e-9 * Math.abs(before));
          before = now;
        }
      }),
      { numRuns: 50 },
    );
  });

  it("does not depend on the order of the rows", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { dim, rows, fits } = fixture.mixtures[1]!;
        const { initial, options } = fits[0]!;
        const order = createRng(seed).shuffle(Array.from({ length: rows.length / dim }, (_, r) => r));
        const shuffled = order.flatMap((r) => rows.slice(r * dim, (r + 1) * dim));
        const [a, b] = [rows, shuffled].map((data) => fitGaussianMixture(data, dim, { initial, ...options }));
        for (const field of ["weights", "means", "covariances"] as const)
          expectClose(b![field], a![field], { atol: 1e-11 });
      }),
      { numRuns: 20 },
    );
  });

  it("is the same again for the same seed, and at least as likely with more starts", () => {
    const { dim, rows } = fixture.mixtures[0]!;
    const fit = (restarts: number) => fitGaussianMixture(rows, dim, { components: 7, seed: "a", restarts });
    expect(fit(1)).toEqual(fit(1));
    expect(fit(8).logLikelihood).toBeGreaterThan(fit(1).logLikelihood);
  });

  it("holds against equal rows and as many Gaussians as rows", () => {
    const equal = fitGaussianMixture(new Float64Array(30).fill(0.5), 3, { components: 4, seed: 0 });
    expect([...equal.weights, ...equal.means, ...equal.covariances].every(Number.isFinite)).toBe(true);
    expectClose(Math.max(...equal.weights), 1, { atol: 1e-12 });
    const single = fitGaussianMixture([0, 1, 2], 1, { components: 3, seed: 0 });
    expectClose([...single.means].sort(), [0, 1, 2], { atol: 1e-9 });
  });

  const rows = [0, 0, 1, 0, 0, 1, 4, 4];
  const initial = { weights: [1], means: [0, 0], precisions: [1, 0, 0, 1] };
  it.each([
    ["dim", () => fitGaussianMixture(rows, 0, { components: 1, seed: 0 }), { argument: "dim", value: 0 }],
    ["no rows", () => fitGaussianMixture([], 2, { components: 1, seed: 0 }), { argument: "rows", value: 0 }],
    [
      "rows that are not finite",
      () => fitGaussianMixture([0, Number.NaN], 2, { components: 1, seed: 0 }),
      { argument: "rows", index: 1, value: Number.NaN },
    ],
    [
      "half a row",
      () => fitGaussianMixture([1, 2, 3], 2, { components: 1, seed: 0 }),
      { argument: "rows.length", value: 3 },
    ],
    [
      "more components than rows",
      () => fitGaussianMixture(rows, 2, { components: 5, seed: 0 }),
      { argument: "components", value: 5 },
    ],
    [
      "restarts",
      () => fitGaussianMixture(rows, 2, { components: 1, seed: 0, restarts: 0 }),
      { argument: "restarts", value: 0 },
    ],
    ["seed", () => fitGaussianMixture(rows, 2, { components: 1, seed: Infinity }), { argument: "seed" }],
    ["regCovar", () => fitGaussianMixture(rows, 2, { initial, regCovar: -1 }), { argument: "regCovar", value: -1 }],
    [
      "tolerance",
      () => fitGaussianMixture(rows, 2, { initial, tolerance: Number.NaN }),
      { argument: "tolerance", value: Number.NaN },
    ],
    [
      "maxIterations",
      () => fitGaussianMixture(rows, 2, { initial, maxIterations: 0 }),
      { argument: "maxIterations", value: 0 },
    ],
    [
      "a weight of 0",
      () => fitGaussianMixture(rows, 2, { initial: { ...initial, weights: [0] } }),
      { argument: "initial.weights", index: 0, value: 0 },
    ],
    [
      "too many weights",
      () => fitGaussianMixture(rows, 2, { initial: { ...initial, weights: [1, 1, 1, 1, 1] } }),
      { argument: "initial.weights.length", value: 5 },
    ],
    [
      "too few means",
      () => fitGaussianMixture(rows, 2, { initial: { ...initial, means: [0] } }),
      { argument: "initial.means.length", value: 1 },
    ],
    [
      "an infinite mean",
      () => fitGaussianMixture(rows, 2, { initial: { ...initial, means: [0, Infinity] } }),
      { argument: "initial.means", index: 1, value: Infinity },
    ],
    [
      "a precision that is not positive definite",
      () => fitGaussianMixture(rows, 2, { initial: { ...initial, precisions: [1, 2, 2, 1] } }),
      { argument: "initial.precisions", index: 0 },
    ],
    [
      "a singular component",
      () => fitGaussianMixture([1, 1, 1, 1], 2, { components: 1, seed: 0, regCovar: 0 }),
      { argument: "rows" },
    ],
  ])("refuses %s", (_, call, details) => {
    expectValueError(call, { ...details, message: /^(fitGaussianMixture|createRng): / });
  });
});
