import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterRows, squared } from "../../src/continuous/clusters.js";

/** The cluster of each row. */
const clusterOf = (responsibilities: Float64Array, n: number) =>
  Array.from({ length: n }, (_, r) => {
    const column = Array.from({ length: responsibilities.length / n }, (_, c) => responsibilities[c * n + r]!);
    expect(column.reduce((a, b) => a + b)).toBe(1);
    return column.indexOf(1);
  });

describe("clusterRows", () => {
  it("tells groups apart that lie apart", () => {
    const rows = Float64Array.of(0, 100, 1, 101, 200, 2, 201);
    const found = clusterOf(clusterRows(rows, 1, 3, createRng(1)), 7);
    expect(found.map((c) => found.indexOf(c))).toEqual([0, 1, 0, 1, 4, 0, 4]);
  });

  it("gives every row to the nearest mean of a cluster", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 6 }), (seed, k) => {
        const rng = createRng(seed);
        const rows = Float64Array.from({ length: 80 }, () => rng.float());
        const found = clusterOf(clusterRows(rows, 2, k, rng), 40);
        const means = Array.from({ length: k }, (_, c) => {
          const members = found.flatMap((of, r) => (of === c ? [r] : []));
          return [0, 1].map((i) => members.reduce((sum, r) => sum + rows[2 * r + i]!, 0) / members.length);
        });
        for (const [r, c] of found.entries()) {
          const own = squared(rows, 2 * r, means[c]!, 0, 2);
          for (const mean of means)
            if (!mean.includes(Number.NaN)) expect(own).toBeLessThanOrEqual(squared(rows, 2 * r, mean, 0, 2) + 1e-12);
        }
      }),
    );
  });

  it("ends when all rows are equal", () => {
    expect(new Set(clusterOf(clusterRows(new Float64Array(20).fill(3), 2, 4, createRng(0)), 10)).size).toBe(1);
  });
});
