import fc from "fast-check";
import { describe, it } from "vitest";
import { betaCdf, betaQuantile } from "../../src/stats/beta.js";
import { expectClose } from "../expect-close.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

describe("betaCdf", () => {
  it("equals SciPy", () => {
    for (const { x, a, b, cdf } of fixtures.beta) expectClose(betaCdf(x, a, b), cdf, { rtol: 1e-11, atol: 1e-300 });
  });

  it("is the binomial tail for integers", () => {
    // I_x(k, n − k + 1) = P(at least k of n), here n = 5, k = 2
    const x = 0.3;
    const tail = 1 - (1 - x) ** 5 - 5 * x * (1 - x) ** 4;
    expectClose(betaCdf(x, 2, 4), tail, { rtol: 1e-13 });
    expectClose([betaCdf(0, 2, 3), betaCdf(1, 2, 3)], [0, 1], {});
  });
});

describe("betaQuantile", () => {
  it("is the inverse of the distribution function", () => {
    const shape = fc.double({ min: 0.5, max: 200, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), shape, shape, (p, a, b) => {
        expectClose(betaCdf(betaQuantile(p, a, b), a, b), p, { rtol: 1e-9 });
      }),
    );
  });
});
