import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { lloyd } from "../../src/cluster/lloyd.js";

describe("lloyd", () => {
  it("gives each empty cluster the farthest row, so that equal starting centroids come apart", () => {
    // All rows are nearest to the first; 101 is farthest and fills the second, then 100 fills the third.
    const found = lloyd([0, 1, 10, 11, 100, 101], 1, Float64Array.of(0, 0, 0), 100, 0);
    expect(found.centroids).toEqual(Float32Array.of(5.5, 101, 100));
    expect(found.counts).toEqual(Int32Array.of(4, 1, 1));
    expect(found.inertia).toBeCloseTo(2 * (5.5 ** 2 + 4.5 ** 2), 12);
  });

  it("never takes the only row of a cluster for an empty one", () => {
    // Row 100 is alone in cluster 1 and farthest from its centroid; cluster 2 starts without rows.
    const found = lloyd([0, 3, 100], 1, Float64Array.of(0, 60, -500), 1, 0);
    expect(found.counts).toEqual(Int32Array.of(1, 1, 1));
    expect(found.inertia).toBe(0);
  });

  it("never lets the inertia rise from one step to the next, from any start", () => {
    for (let seed = 0; seed < 30; seed++) {
      const rng = createRng(seed);
      const rows = Float32Array.from({ length: 80 }, () => rng.normal());
      const start = Float64Array.from({ length: 20 }, () => 3 * rng.normal());
      let before = Number.POSITIVE_INFINITY;
      for (let steps = 1; steps <= 10; steps++) {
        const { inertia } = lloyd(rows, 2, start.slice(), steps, 0);
        expect(inertia).toBeLessThanOrEqual(before * (1 + 1e-9));
        before = inertia;
      }
    }
  });

  it("stops early when the centroids hardly move", () => {
    const rows = Float32Array.from({ length: 500 }, (_, i) => Math.sin(i * i));
    const start = () => Float64Array.of(-0.9, -0.8, -0.7, -0.6);
    const exact = lloyd(rows, 1, start(), 1000, 0);
    const early = lloyd(rows, 1, start(), 1000, 1e-3);
    expect(early.iterations).toBeLessThan(exact.iterations);
    expect(early.inertia).toBeGreaterThan(exact.inertia);
  });
});
