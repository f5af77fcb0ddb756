import { histogramMauve } from "@x/metrics/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/text.json" with { type: "json" };

const histograms = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 12 })
  .map((bins) => [bins.map(([p]) => p), bins.map(([, q]) => q)] as const)
  .filter(([p, q]) => p.some((x) => x > 0) && q.some((x) => x > 0));

describe("histogramMauve", () => {
  it("equals mauve-text on histograms with empty bins, point by point", () => {
    for (const { p, q, curve, mauve } of fixtures.mauve) {
      const found = histogramMauve(p, q);
      expectClose(found.divergenceCurve.flat(), curve.flat(), { atol: 1e-12 });
      expectClose(found.mauve, mauve, { atol: 1e-12 });
    }
  });

  it("is 1 for equal histograms, whatever their totals", () => {
    expectClose(histogramMauve([1, 2, 3], [10, 20, 30]).mauve, 1, { atol: 1e-12 });
    expectClose(histogramMauve([0.25, 0.75], [0.25, 0.75]).mauve, 1, { atol: 1e-12 });
  });

  it("is small for histograms without a common bin", () => {
    // x = λ⁵ and y = (1 − λ)⁵ there, under which the area is B(6, 5)·5 = 1/252; 25 points come near.
    expectClose(histogramMauve([1, 0], [0, 1]).mauve, 1 / 252, { rtol: 0.03 });
  });

  it("is the same with p and q swapped, between 0 and 1, and its curve falls", () => {
    fc.assert(
      fc.property(histograms, ([p, q]) => {
        const { mauve, divergenceCurve } = histogramMauve(p, q);
        expectClose(histogramMauve(q, p).mauve, mauve, { atol: 1e-12 });
        expect(mauve).toBeGreaterThan(0);
        expect(mauve).toBeLessThan(1 + 1e-12);
        expect(divergenceCurve.length).toBe(27);
        for (let i = 1; i < divergenceCurve.length; i++) {
          expect(divergenceCurve[i]![0]).toBeLessThan(divergenceCurve[i - 1]![0] + 1e-12);
          expect(divergenceCurve[i]![1]).toBeGreaterThan(divergenceCurve[i - 1]![1] - 1e-12);
        }
      }),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => histogramMauve([], [1]), { argument: "p", value: 0 });
    expectValueError(() => histogramMauve([1, 2], [1]), { argument: "q", value: 1 });
    expectValueError(() => histogramMauve([1, -2], [1, 2]), { argument: "p", index: 1, value: -2 });
    expectValueError(() => histogramMauve([1, 2], [1, Number.NaN]), { argument: "q", index: 1 });
    expectValueError(() => histogramMauve([1, 2], [0, 0]), { argument: "q", value: 0 });
  });
});
