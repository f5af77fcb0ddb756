import { type EditCosts, editDistance, tokenErrorRate } from "@x/metrics/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

/** The definition, without memory. */
function recursive(a: readonly number[], b: readonly number[], costs: Required<EditCosts>): number {
  if (a.length === 0) return b.length * costs.insertion;
  if (b.length === 0) return a.length * costs.deletion;
  const [shorterA, shorterB] = [a.slice(1), b.slice(1)];
  return Math.min(
    recursive(shorterA, b, costs) + costs.deletion,
    recursive(a, shorterB, costs) + costs.insertion,
    recursive(shorterA, shorterB, costs) + (a[0] === b[0] ? 0 : costs.substitution),
  );
}

const unit = { insertion: 1, deletion: 1, substitution: 1 };
const sequence = (maxLength: number) => fc.array(fc.integer({ min: 0, max: 2 }), { maxLength });
const cost = fc.integer({ min: 0, max: 4 });
const anyCosts = fc.record({ insertion: cost, deletion: cost, substitution: cost });

describe("editDistance", () => {
  it("equals the recursive definition for up to seven tokens", () => {
    fc.assert(
      fc.property(sequence(7), sequence(7), (a, b) => {
        expect(editDistance(a, b)).toBe(recursive(a, b, unit));
      }),
      { numRuns: 40 },
    );
  });

  it("equals the recursive definition under any costs, the free ones included", () => {
    fc.assert(
      fc.property(sequence(5), sequence(5), anyCosts, (a, b, costs) => {
        expect(editDistance(a, b, { costs })).toBe(recursive(a, b, costs));
      }),
    );
  });

  it("is a metric", () => {
    fc.assert(
      fc.property(sequence(12), sequence(12), sequence(12), (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a.join() === b.join());
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });

  it("is the full distance up to the limit and Infinity beyond it", () => {
    fc.assert(
      fc.property(sequence(15), sequence(15), anyCosts, fc.integer({ min: 0, max: 12 }), (a, b, costs, limit) => {
        const full = editDistance(a, b, { costs });
        expect(editDistance(a, b, { costs, limit })).toBe(full <= limit ? full : Infinity);
      }),
      { numRuns: 500 },
    );
  });

  it("rounds no distance off the limit where costs are no integers", () => {
    const costs = { insertion: 0.1, deletion: 0.1, substitution: 0.1 };
    for (let n = 0; n <= 20; n++) {
      const full = editDistance([], new Array(n).fill(1), { costs });
      expect(editDistance([], new Array(n).fill(1), { costs, limit: full })).toBe(full);
    }
  });

  it("compares texts by code point and ids of any kind", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("👍", "👎")).toBe(1);
    expect(editDistance("", "abc")).toBe(3);
    expect(editDistance(["open", "go"], ["open", "take", "go"])).toBe(1);
    expect(editDistance(Int32Array.of(1, 2), [2, 1])).toBe(2);
    expect(editDistance(["1"], [1])).toBe(1);
  });

  it("divides by the longer length when normalising, two empty sequences being equal", () => {
    expect(editDistance("abcd", "abce", { normalise: true })).toBe(0.25);
    expect(editDistance("", "xyz", { normalise: true })).toBe(1);
    expect(editDistance([], [], { normalise: true })).toBe(0);
    expect(editDistance("abcd", "abce", { normalise: true, limit: 1 })).toBe(0.25);
    expect(editDistance("abcd", "wxyz", { normalise: true, limit: 3 })).toBe(Infinity);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => editDistance([1, Number.NaN], [1]), { argument: "a", index: 1 });
    expectValueError(() => editDistance([1], [Number.NaN]), { argument: "b", index: 0 });
    expectValueError(() => editDistance("a", "b", { limit: -1 }), { argument: "limit", value: -1 });
    expectValueError(() => editDistance("a", "b", { limit: Number.NaN }), { argument: "limit" });
    expectValueError(() => editDistance("a", "b", { costs: { deletion: -2 } }), {
      argument: "costs.deletion",
      value: -2,
    });
    expectValueError(() => editDistance("a", "b", { costs: { insertion: Infinity } }), {
      argument: "costs.insertion",
      message: /^editDistance: /,
    });
  });
});

describe("tokenErrorRate", () => {
  it("counts edits of the reference per token of it", () => {
    expect(tokenErrorRate(["a", "b", "c", "d"], ["a", "x", "d"])).toBe(0.5);
    expect(tokenErrorRate("ab", "abcdef")).toBe(2);
    expect(tokenErrorRate([5], [])).toBe(1);
  });

  it("is the edit distance over the length of the reference", () => {
    fc.assert(
      fc.property(sequence(10), sequence(10), (a, b) => {
        fc.pre(a.length > 0);
        expectClose(tokenErrorRate(a, b), editDistance(a, b) / a.length, { rtol: 1e-15 });
      }),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => tokenErrorRate([], [1]), { argument: "reference", value: 0 });
    expectValueError(() => tokenErrorRate("", ""), { argument: "reference" });
    expectValueError(() => tokenErrorRate([1], [1, Number.NaN]), { argument: "candidate", index: 1 });
  });
});
