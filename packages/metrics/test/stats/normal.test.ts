import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalCdf, normalQuantile } from "../../src/stats/normal.js";
import { expectClose } from "../expect-close.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

describe("normalCdf", () => {
  it("equals SciPy, in the tails relatively", () => {
    for (const { x, cdf } of fixtures.normal) expectClose(normalCdf(x), cdf, { rtol: 1e-13 });
  });

  it("has no step where the two formulas meet", () => {
    for (const x of [2.5, -2.5]) {
      const slope = (normalCdf(x + 1e-6) - normalCdf(x - 1e-6)) / 2e-6;
      expectClose(slope, Math.exp(-3.125) / Math.sqrt(2 * Math.PI), { rtol: 1e-8 });
    }
  });

  it("is 0, ½ and 1 at −∞, 0 and ∞", () => {
    expect([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY].map(normalCdf)).toEqual([0, 0.5, 1]);
  });
});

describe("normalQuantile", () => {
  it("equals SciPy", () => {
    for (const { cdf, quantile } of fixtures.normal)
      expectClose(normalQuantile(cdf), quantile, { rtol: 1e-12, atol: 1e-14 });
  });

  it("is the inverse of the distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expectClose(normalCdf(normalQuantile(p)), p, { rtol: 1e-12 });
      }),
    );
  });
});
