import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { distance, emptyMixture, expectation, maximisation, runEm } from "../../src/continuous/em.js";
import { expectClose } from "../expect-close.js";

const settings = { regCovar: 0, tolerance: 1e-3, maxIterations: 100 };

/** Two normals in one dimension: weights ¼ and ¾, means 0 and 2, deviations 1 and ½. */
function pair() {
  const mixture = emptyMixture(2, 1);
  mixture.weights.set([0.25, 0.75]);
  mixture.means.set([0, 2]);
  mixture.factors.set([1, 2]);
  return mixture;
}
const normal = (x: number, mean: number, sigma: number) =>
  Math.exp(-(((x - mean) / sigma) ** 2) / 2) / (sigma * Math.sqrt(2 * Math.PI));

describe("expectation", () => {
  it("gives Bayes' rule and the mean log-likelihood", () => {
    const rows = Float64Array.of(-1, 0.5, 1.5, 3);
    const responsibilities = new Float64Array(8);
    const found = expectation(rows, pair(), responsibilities);
    const first = [...rows].map((x) => 0.25 * normal(x, 0, 1));
    const second = [...rows].map((x) => 0.75 * normal(x, 2, 0.5));
    const total = first.map((a, i) => a + second[i]!);
    expectClose(
      responsibilities,
      [...first, ...second].map((p, i) => p / total[i % 4]!),
      { rtol: 1e-13 },
    );
    expectClose(found, total.reduce((sum, p) => sum + Math.log(p), 0) / 4, { rtol: 1e-13 });
  });

  it("holds for rows whose density is below the smallest number", () => {
    const responsibilities = new Float64Array(2);
    expectClose(
      expectation(Float64Array.of(-200), pair(), responsibilities),
      Math.log(0.25) - Math.log(2 * Math.PI) / 2 - 2e4,
      {
        rtol: 1e-14,
      },
    );
    expect([...responsibilities]).toEqual([1, 0]);
  });
});

describe("maximisation", () => {
  it("gives weighted means and covariances", () => {
    const rows = Float64Array.of(0, 0, 2, 0, 2, 4);
    const mixture = emptyMixture(2, 2);
    expect(maximisation(rows, Float64Array.of(1, 0.5, 0.5, 0, 0.5, 0.5), mixture, 0.5)).toBe(true);
    expectClose(mixture.weights, [2 / 3, 1 / 3], { atol: 1e-14 });
    expectClose(mixture.means, [1, 1, 2, 2], { atol: 1e-13 });
    // Lower triangles, regCovar 0.5 on the diagonals.
    expectClose(
      [0, 2, 3, 4, 6, 7].map((at) => mixture.covariances[at]!),
      [1.5, 1, 3.5, 0.5, 0, 4.5],
      { atol: 1e-13 },
    );
  });

  it("is false when a component is a point and nothing is added", () => {
    expect(maximisation(new Float64Array(2), Float64Array.of(1, 1), emptyMixture(1, 1), 0)).toBe(false);
  });
});

describe("distance", () => {
  it("is the squared length after whitening, at any offset", () => {
    const w = Float64Array.of(9, 2, 0, 1, 3);
    // W (x − μ) = (2 · 1, 1 · 1 + 3 · 2) = (2, 7)
    expect(distance(w, 1, Float64Array.of(9, 9, 1, 1), 2, [2, 3], 0, 2)).toBe(53);
  });
});

describe("runEm", () => {
  it("stops at the limit, or when the likelihood stands still", () => {
    const rng = createRng(1);
    const rows = Float64Array.from({ length: 200 }, () => rng.normal() + 2 * rng.int(2));
    const run = (more: Partial<typeof settings>) =>
      runEm(rows, pair(), new Float64Array(400), { ...settings, ...more });
    expect(run({ maxIterations: 2 })).toMatchObject({ iterations: 2, converged: false });
    expect(run({ tolerance: Infinity })).toMatchObject({ iterations: 2, converged: true });
    const end = run({ tolerance: 1e-6, maxIterations: 1000 })!;
    expect(end.converged).toBe(true);
    expect(end.iterations).toBeLessThan(1000);
  });

  it("is undefined when a component becomes singular", () => {
    expect(runEm(Float64Array.of(0, 0, 2, 2), pair(), new Float64Array(8), settings)).toBeUndefined();
  });
});
