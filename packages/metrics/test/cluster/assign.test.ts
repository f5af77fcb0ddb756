import { assign, softAssign } from "@x/metrics/cluster";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const number = fc.integer({ min: -50, max: 50 }).map((x) => x / 8);
const problem = fc
  .record({
    dim: fc.integer({ min: 1, max: 5 }),
    n: fc.integer({ min: 1, max: 80 }),
    clusters: fc.integer({ min: 1, max: 11 }),
  })
  .chain(({ dim, n, clusters }) =>
    fc.record({
      dim: fc.constant(dim),
      rows: fc.array(number, { minLength: n * dim, maxLength: n * dim }),
      centroids: fc.array(number, { minLength: clusters * dim, maxLength: clusters * dim }),
    }),
  );

/** Squared distances of one row to every centroid, by the definition. */
function bruteForce(row: readonly number[], centroids: readonly number[]): number[] {
  const dim = row.length;
  return Array.from({ length: centroids.length / dim }, (_, c) =>
    row.reduce((sum, x, i) => sum + (x - centroids[c * dim + i]!) ** 2, 0),
  );
}

describe("assign", () => {
  it("equals the first minimum by brute force", () => {
    fc.assert(
      fc.property(problem, ({ rows, centroids, dim }) => {
        const expected = Array.from({ length: rows.length / dim }, (_, r) => {
          const distances = bruteForce(rows.slice(r * dim, (r + 1) * dim), centroids);
          return distances.indexOf(Math.min(...distances));
        });
        expect(Array.from(assign(Float32Array.from(rows), Float32Array.from(centroids), dim))).toEqual(expected);
      }),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => assign([1, Number.POSITIVE_INFINITY], [1, 2], 2), { argument: "rows", index: 1 });
    expectValueError(() => assign([1, 2], [1, 2, 3], 2), { argument: "centroids", value: 3 });
    expectValueError(() => assign([1, 2], [], 2), { argument: "centroids", value: 0 });
  });
});

describe("softAssign", () => {
  it("has rows that sum to 1 and whose largest weight is the hard label", () => {
    fc.assert(
      fc.property(problem, fc.constantFrom(0.5, 2, 30), ({ rows, centroids, dim }, temperature) => {
        const clusters = centroids.length / dim;
        const weights = softAssign(rows, centroids, dim, temperature);
        assign(rows, centroids, dim).forEach((label, r) => {
          const row = weights.slice(r * clusters, (r + 1) * clusters);
          expectClose(
            row.reduce((a, b) => a + b, 0),
            1,
            { atol: 1e-6 },
          );
          expect(row[label]).toBe(Math.max(...row));
        });
      }),
    );
  });

  it("is the logistic function of the difference of squared distances for two centroids", () => {
    // distances² 1 and 9, temperature 4: 1 / (1 + e^((1 − 9)/4))
    const p = 1 / (1 + Math.exp(-2));
    expectClose(softAssign([1], [0, 4], 1, 4), [p, 1 - p], { atol: 1e-7 });
  });

  it("becomes uniform at a high temperature and hard at a low one, also far from every centroid", () => {
    expectClose(softAssign([1e3, 1e3], [0, 0, 1, 1], 2, 1e12), [0.5, 0.5], { atol: 1e-6 });
    expect(softAssign([1e3, 1e3], [0, 0, 1, 1], 2, 1e-6)).toEqual(Float32Array.of(0, 1));
  });

  it("refuses a temperature that is not positive", () => {
    for (const temperature of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expectValueError(() => softAssign([1], [1], 1, temperature), { argument: "temperature", value: temperature });
  });
});
