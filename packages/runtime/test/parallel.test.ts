import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { balanced, lanes } from "../src/parallel.js";

// `parallel` itself: while-loop.test.ts, beside the other thing that becomes a function of its own.

describe("balanced", () => {
  it("deals every item out once, into parts that differ by no more than the largest item", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 8 }), (sizes, count) => {
        const items = sizes.map((size, id) => ({ id, size }));
        const parts = balanced(items, count, ({ size }) => size);
        expect(parts).toHaveLength(Math.min(count, items.length));
        expect(parts.flat().toSorted((a, b) => a.id - b.id)).toEqual(items);
        const totals = parts.map((part) => part.reduce((sum, { size }) => sum + size, 0));
        expect(Math.max(...totals) - Math.min(...totals)).toBeLessThanOrEqual(Math.max(...sizes));
      }),
    );
  });
});

describe("lanes", () => {
  it("is 1 outside of a program", () => {
    expect(lanes()).toBe(1);
  });
});
