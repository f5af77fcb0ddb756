import { AbortedError, createRng } from "@x/core";
import { assign, kMeans } from "@x/metrics/cluster";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/cluster.json" with { type: "json" };

/** `[n, dim]` standard normal numbers. */
function normalRows(n: number, dim: number, seed: string): Float32Array {
  const rng = createRng(seed);
  return Float32Array.from({ length: n * dim }, () => rng.normal());
}

describe("kMeans", () => {
  for (const { name, rows, dim, clusters, inertia } of fixtures.kMeans)
    it(`has an inertia within 2 % of scikit-learn's, best of five each (${name})`, () => {
      const found = kMeans(Float32Array.from(rows), dim, { clusters, seed: 0, restarts: 5, tolerance: 0 });
      expect(found.inertia / inertia).toBeGreaterThan(0.98);
      expect(found.inertia / inertia).toBeLessThan(1.02);
    });

  it("finds the best of all partitions of seven rows into three clusters", () => {
    const rows = normalRows(7, 2, "partitions");
    let least = Number.POSITIVE_INFINITY;
    for (let code = 0; code < 3 ** 7; code++) {
      const labels = Array.from({ length: 7 }, (_, r) => Math.floor(code / 3 ** r) % 3);
      least = Math.min(least, inertiaOf(rows, 2, labels, 3));
    }
    expectClose(kMeans(rows, 2, { clusters: 3, seed: 1, restarts: 20 }).inertia, least, { rtol: 1e-6 });
  });

  it("never lets the inertia rise from one Lloyd step to the next", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 12 }), (seed, clusters) => {
        const rows = normalRows(60, 3, `rise ${seed}`);
        let before = Number.POSITIVE_INFINITY;
        for (let maxIterations = 1; maxIterations <= 12; maxIterations++) {
          const { inertia } = kMeans(rows, 3, { clusters, seed, maxIterations, tolerance: 0 });
          expect(inertia).toBeLessThanOrEqual(before * (1 + 1e-9));
          before = inertia;
        }
      }),
      { numRuns: 30 },
    );
  });

  it("stops at a fixed point: means of their own rows, each row at its nearest centroid", () => {
    const rows = normalRows(200, 4, "fixed point");
    const found = kMeans(rows, 4, { clusters: 9, seed: 3, tolerance: 0, maxIterations: 1000 });
    expect(found.iterations).toBeLessThan(1000);
    expect(found.assignments).toEqual(assign(rows, found.centroids, 4));
    for (let c = 0; c < 9; c++) {
      const members = Array.from(found.assignments.keys()).filter((r) => found.assignments[r] === c);
      expect(found.counts[c]).toBe(members.length);
      const mean = Array.from({ length: 4 }, (_, i) =>
        members.reduce((sum, r) => sum + rows[r * 4 + i]! / members.length, 0),
      );
      expectClose(found.centroids.slice(c * 4, c * 4 + 4), mean, { atol: 1e-6 });
    }
    expectClose(found.inertia, inertiaOf(rows, 4, Array.from(found.assignments), 9), { rtol: 1e-6 });
  });

  it("reaches inertia 0 with as many clusters as rows", () => {
    const rows = normalRows(25, 3, "all");
    const found = kMeans(rows, 3, { clusters: 25, seed: 0 });
    expect(found.inertia).toBe(0);
    expect(found.counts).toEqual(new Int32Array(25).fill(1));
  });

  it("fills every cluster although the rows lie in tight far-away groups", () => {
    for (let seed = 0; seed < 40; seed++) {
      const rng = createRng(seed);
      const rows = Float32Array.from({ length: 60 }, (_, i) => (i % 3) * 1e4 + rng.normal());
      const { counts } = kMeans(rows, 1, { clusters: 20, seed });
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
  });

  it("leaves clusters empty only where there are fewer distinct rows than clusters", () => {
    const found = kMeans([1, 1, 1, 5, 5, 5], 1, { clusters: 4, seed: 0 });
    expect(found.inertia).toBe(0);
    expect([...found.counts].sort()).toEqual([0, 0, 3, 3]);
  });

  it("gives identical bits for the same seed, from any kind of array, and does not change its input", () => {
    const rows = normalRows(100, 3, "bits");
    const copy = rows.slice();
    const first = kMeans(rows, 3, { clusters: 7, seed: "a" });
    expect(kMeans(Array.from(rows), 3, { clusters: 7, seed: "a" })).toEqual(first);
    expect(kMeans(Float64Array.from(rows), 3, { clusters: 7, seed: "a" })).toEqual(first);
    expect(kMeans(rows, 3, { clusters: 7, seed: "b" }).centroids).not.toEqual(first.centroids);
    expect(rows).toEqual(copy);
  });

  it("is not worse with more restarts", () => {
    const rows = normalRows(150, 2, "restarts");
    let before = Number.POSITIVE_INFINITY;
    for (const restarts of [1, 2, 4, 8]) {
      const { inertia } = kMeans(rows, 2, { clusters: 15, seed: 5, restarts });
      expect(inertia).toBeLessThanOrEqual(before);
      before = inertia;
    }
  });

  it("stops when the signal fires", () => {
    const call = () => kMeans([1, 2, 3], 1, { clusters: 2, seed: 0, signal: AbortSignal.abort("enough") });
    expect(call).toThrow(AbortedError);
  });

  it("names the argument, index and value that it refuses", () => {
    const options = { clusters: 2, seed: 0 };
    expectValueError(() => kMeans([1, 2], 1, { clusters: 3, seed: 0 }), {
      argument: "clusters",
      value: 3,
      message: "fewer rows than clusters",
    });
    expectValueError(() => kMeans([1, Number.NaN, 3, 4], 2, options), {
      argument: "rows",
      index: 1,
      value: Number.NaN,
    });
    expectValueError(() => kMeans([], 2, options), { argument: "rows", value: 0 });
    expectValueError(() => kMeans([1, 2, 3], 2, options), { argument: "rows", value: 3 });
    expectValueError(() => kMeans([1, 2], 0, options), { argument: "dim", value: 0 });
    expectValueError(() => kMeans([1, 2], 1, { ...options, clusters: 1.5 }), { argument: "clusters", value: 1.5 });
    expectValueError(() => kMeans([1, 2], 1, { ...options, restarts: 0 }), { argument: "restarts", value: 0 });
    expectValueError(() => kMeans([1, 2], 1, { ...options, maxIterations: 0 }), {
      argument: "maxIterations",
      value: 0,
    });
    expectValueError(() => kMeans([1, 2], 1, { ...options, tolerance: -1 }), { argument: "tolerance", value: -1 });
  });
});

/** Squared distances to the means of the given clusters. */
function inertiaOf(rows: Float32Array, dim: number, labels: readonly number[], clusters: number): number {
  let inertia = 0;
  for (let c = 0; c < clusters; c++) {
    const members = labels.flatMap((label, r) => (label === c ? [r] : []));
    for (let i = 0; i < dim; i++) {
      const mean = members.reduce((sum, r) => sum + rows[r * dim + i]!, 0) / members.length;
      inertia += members.reduce((sum, r) => sum + (rows[r * dim + i]! - mean) ** 2, 0);
    }
  }
  return inertia;
}
