import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { greedyCounts, largestRemainders } from "../../src/allocate/rounding.js";

const limits = (places: number, bounds: { cost?: number[]; min?: number[]; max?: number[] } = {}) => ({
  cost: new Array<number>(places).fill(1),
  min: new Array<number>(places).fill(0),
  max: new Array<number>(places).fill(Infinity),
  ...bounds,
});

/** All vectors of whole numbers within bounds that sum to `budget`. */
function* vectors(budget: number, min: readonly number[], max: readonly number[]): Generator<number[]> {
  const [low, high] = [min[0]!, Math.min(max[0]!, budget)];
  if (min.length === 1) {
    if (budget >= low && budget <= max[0]!) yield [budget];
    return;
  }
  for (let n = low; n <= high; n++)
    for (const rest of vectors(budget - n, min.slice(1), max.slice(1))) yield [n, ...rest];
}

describe("largestRemainders", () => {
  it("follows Hamilton's example: seats by quota, the rest by remainder", () => {
    // 100 000 votes, 10 seats: quotas 4.7, 1.6, 1.58, 1.2, 0.61, 0.31
    expect(largestRemainders([4.7, 1.6, 1.58, 1.2, 0.61, 0.31], 10, limits(6))).toEqual([5, 2, 1, 1, 1, 0]);
  });

  it("gives ties to the first, whatever the last bit says", () => {
    expect(largestRemainders([0.5, 1.5], 2, limits(2))).toEqual([1, 1]);
    expect(largestRemainders([0.5 - 1e-12, 1.5], 2, limits(2))).toEqual([1, 1]);
    expect(largestRemainders([3 - 1e-15, 3 + 1e-15], 6, limits(2))).toEqual([3, 3]);
  });

  it("stays within maxima and within one of the share, and sums to the budget", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 60 }),
        (weights, budget) => {
          const total = weights.reduce((a, b) => a + b, 0);
          fc.pre(total > 0.1);
          const shares = weights.map((w) => (w / total) * budget);
          const counts = largestRemainders(shares, budget, limits(shares.length));
          expect(counts.reduce((a, b) => a + b, 0)).toBe(budget);
          for (const [i, n] of counts.entries()) expect(Math.abs(n - shares[i]!)).toBeLessThanOrEqual(1);
        },
      ),
    );
    expect(largestRemainders([2, 1.4, 1.6], 5, limits(3, { max: [2, 9, 9] }))).toEqual([2, 1, 2]);
  });

  it("leaves less than the largest cost unspent", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0.1, max: 5, noNaN: true }), fc.double({ min: 0, max: 9, noNaN: true })), {
          minLength: 1,
          maxLength: 6,
        }),
        (places) => {
          const [cost, shares] = [places.map(([c]) => c), places.map(([, n]) => n)];
          const budget = shares.reduce((sum, n, i) => sum + n * cost[i]!, 0);
          fc.pre(budget > 0.1);
          const counts = largestRemainders(shares, budget, limits(cost.length, { cost }));
          const left = budget - counts.reduce((sum, n, i) => sum + n * cost[i]!, 0);
          expect(left).toBeGreaterThanOrEqual(-1e-8 * budget);
          expect(left).toBeLessThan(Math.max(...cost));
        },
      ),
    );
    expect(largestRemainders([10], 1, limits(1, { cost: [0.1] }))).toEqual([10]);
  });
});

describe("greedyCounts", () => {
  const value = (variance: readonly number[], counts: readonly number[]) =>
    variance.reduce((sum, a, i) => sum + (a === 0 ? 0 : a / counts[i]!), 0);

  it("reaches the least variance of all whole-number vectors, m ≤ 4, N ≤ 12, with and without bounds", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            a: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 50, noNaN: true }), fc.integer({ min: 1, max: 4 })),
            min: fc.integer({ min: 0, max: 2 }),
            span: fc.integer({ min: 0, max: 12 }),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        fc.integer({ min: 1, max: 12 }),
        (places, budget) => {
          const a = places.map((place) => place.a);
          const bounds = limits(a.length, {
            min: places.map(({ min }) => min),
            max: places.map(({ min, span }) => min + span),
          });
          const all = [...vectors(budget, bounds.min, bounds.max)];
          fc.pre(all.length > 0);
          const counts = greedyCounts(a, budget, bounds);
          expect(all).toContainEqual(counts);
          const least = Math.min(...all.map((n) => value(a, n)));
          if (least === Infinity) expect(value(a, counts)).toBe(Infinity);
          else expect(value(a, counts)).toBeLessThanOrEqual(least * (1 + 1e-12));
        },
      ),
      { numRuns: 400 },
    );
  });

  it("gives the first samples to the largest when there are not enough for all", () => {
    expect(greedyCounts([1, 3, 0, 2], 2, limits(4))).toEqual([0, 1, 0, 1]);
  });

  it("spreads what is left evenly when no variance is left to lower", () => {
    expect(greedyCounts([0, 0, 0], 7, limits(3))).toEqual([3, 2, 2]);
    expect(greedyCounts([5, 0, 0], 6, limits(3, { max: [2, 9, 9] }))).toEqual([2, 2, 2]);
  });
});
