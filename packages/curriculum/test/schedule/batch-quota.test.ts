import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchQuota } from "../../src/schedule/index.js";
import { expectValueError } from "../expect-value-error.js";

describe("batchQuota", () => {
  it("is Hamilton's apportionment: quota rounded down, the rest to the largest remainders", () => {
    // the weights of Hamilton's textbook example: quotas 4.7, 1.6, 1.58, 1.2, 0.61, 0.31
    expect(batchQuota([47_000, 16_000, 15_800, 12_000, 6_100, 3_100], { size: 10 })).toEqual([5, 2, 1, 1, 1, 0]);
  });

  it("sums to the size, each place within one of its quota", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        (weights, size) => {
          const total = weights.reduce((a, b) => a + b, 0);
          fc.pre(total > 0);
          const counts = batchQuota(weights, { size });
          expect(counts.reduce((a, b) => a + b, 0)).toBe(size);
          for (const [i, n] of counts.entries())
            expect(Math.abs(n - (size * weights[i]!) / total)).toBeLessThanOrEqual(1 + 1e-9);
        },
      ),
    );
  });

  it("keeps the least and the most share, for all or for each", () => {
    expect(batchQuota([9, 1, 0], { size: 20, min: 0.1 })).toEqual([16, 2, 2]);
    expect(batchQuota([9, 1, 0], { size: 20, max: [0.5, 1, 1] })).toEqual([10, 10, 0]);
    expect(batchQuota([1, 1, 1], { size: 10, min: [0, 0, 0.35] })).toEqual([3, 3, 4]);
    expect(batchQuota([0, 0], { size: 3 })).toEqual([2, 1]);
  });

  it("takes 0.1 of 30 as 3, whatever the last bit says", () => {
    expect(batchQuota([1, 0], { size: 30, min: [0, 0.1] })).toEqual([27, 3]);
    expect(batchQuota([1, 0], { size: 3, max: [1 / 3, 1] })).toEqual([1, 2]);
  });

  it.each([
    ["no weights", () => batchQuota([], { size: 3 }), { argument: "weights", value: 0 }],
    ["a negative weight", () => batchQuota([1, -1], { size: 3 }), { argument: "weights", index: 1, value: -1 }],
    ["half a place", () => batchQuota([1], { size: 0.5 }), { argument: "size", value: 0.5 }],
    [
      "a share above 1",
      () => batchQuota([1, 1], { size: 3, min: [0, 1.2] }),
      { argument: "min", index: 1, value: 1.2 },
    ],
    ["shares of other places", () => batchQuota([1, 1], { size: 3, max: [1] }), { argument: "max", value: 1 }],
    ["minima above the size", () => batchQuota([1, 1], { size: 4, min: 0.6 }), { argument: "size", value: 4 }],
    ["maxima below the size", () => batchQuota([1, 1], { size: 4, max: 0.3 }), { argument: "size", value: 4 }],
  ])("refuses %s", (_, call, details) => expectValueError(call, { ...details, message: /^batchQuota: / }));
});
