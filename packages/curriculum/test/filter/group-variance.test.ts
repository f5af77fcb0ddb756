import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupVariance } from "../../src/filter/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const group = (successes: number, G: number) => Array.from({ length: G }, (_, i) => (i < successes ? 1 : 0));

describe("groupVariance", () => {
  it("equals s(G − s)/(G(G − 1)) over its published maximum, for all s ≤ G ≤ 16", () => {
    for (let G = 2; G <= 16; G++)
      for (let s = 0; s <= G; s++) {
        const most = G % 2 === 0 ? G / (4 * (G - 1)) : (G + 1) / (4 * G);
        expectClose(groupVariance(group(s, G)), (s * (G - s)) / (G * (G - 1)) / most, { rtol: 1e-13, atol: 1e-15 });
      }
  });

  it("is at most 1 for any rewards in [0, 1], 0 when they are equal or alone", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }), (rewards) => {
        const variance = groupVariance(rewards);
        expect(variance).toBeGreaterThanOrEqual(0);
        expect(variance).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
    expect(groupVariance([1])).toBe(0);
    expect(groupVariance([0.5, 0.5])).toBe(0);
  });

  it("refuses no rewards, and rewards outside [0, 1]", () => {
    expectValueError(() => groupVariance([]), { argument: "rewards", value: 0 });
    expectValueError(() => groupVariance([0, 1.5]), { argument: "rewards", index: 1, value: 1.5 });
    expectValueError(() => groupVariance([Number.NaN]), { argument: "rewards", index: 0, value: Number.NaN });
  });
});
