import { quantile } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";

describe("quantile", () => {
  it("interpolates between order statistics", () => {
    expect(quantile([40, 10, 30, 20], 0.5)).toBe(25);
    expect(quantile([40, 10, 30, 20], 0.1)).toBeCloseTo(13, 12); // h = 0.3
    expect(quantile([5], 0.7)).toBe(5);
  });

  it("does not sort as text and does not change its input", () => {
    const values = [10, 9, 100];
    expect(quantile(values, 0)).toBe(9);
    expect(quantile(values, 1)).toBe(100);
    expect(values).toEqual([10, 9, 100]);
  });

  it("rises with the probability and mirrors when signs flip", () => {
    const lists = fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        lists,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (x, p, q) => {
          expect(quantile(x, Math.min(p, q))).toBeLessThanOrEqual(quantile(x, Math.max(p, q)) + 1e-12);
          const mirrored = x.map((v) => -v);
          expect(quantile(mirrored, 1 - p)).toBeCloseTo(-quantile(x, p), 9);
        },
      ),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => quantile([], 0.5), { argument: "values", value: 0 });
    expectValueError(() => quantile([1, Number.NaN], 0.5), { argument: "values", index: 1 });
    expectValueError(() => quantile([1], 1.1), { argument: "probability", value: 1.1 });
    expectValueError(() => quantile([1], Number.NaN), { argument: "probability", value: Number.NaN });
  });
});
