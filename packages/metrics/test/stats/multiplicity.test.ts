import { benjaminiHochberg, holm } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 7 });

describe("holm", () => {
  it("is the closed test of Bonferroni tests: the largest |S|·min(S) over the sets S that hold the test", () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const expected = p.map((_, i) => {
          let largest = 0;
          for (let set = 1; set < 2 ** p.length; set++) {
            if (((set >> i) & 1) === 0) continue;
            const members = p.filter((_, j) => (set >> j) & 1);
            largest = Math.max(largest, Math.min(1, members.length * Math.min(...members)));
          }
          return largest;
        });
        expectClose(holm(p), expected, { rtol: 1e-12 });
      }),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => holm([]), { argument: "pValues", value: 0 });
    expectValueError(() => holm([0.1, 1.2]), { argument: "pValues", index: 1, value: 1.2 });
    expectValueError(() => holm([Number.NaN]), { argument: "pValues", index: 0 });
  });
});

describe("benjaminiHochberg", () => {
  it("equals SciPy", () => {
    for (const { pValues: p, benjaminiHochberg: expected } of fixtures.adjusted)
      expectClose(benjaminiHochberg(p), expected, { rtol: 1e-12 });
  });

  it("rejects at every level what the step-up rule rejects", () => {
    fc.assert(
      fc.property(pValues, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (p, level) => {
        const n = p.length;
        const accepted = p.filter((x) => x <= (p.filter((y) => y <= x).length / n) * level);
        const cut = Math.max(-1, ...accepted);
        expect(Array.from(benjaminiHochberg(p), (x) => x <= level)).toEqual(p.map((x) => x <= cut));
      }),
    );
  });

  it("is never above Holm's and keeps the order given", () => {
    expectClose(benjaminiHochberg([0.04, 0.01, 0.03]), [0.04, 0.03, 0.04], { rtol: 1e-12 });
    expectClose(holm([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06], { rtol: 1e-12 });
    fc.assert(
      fc.property(pValues, (p) => {
        const [less, more] = [benjaminiHochberg(p), holm(p)];
        less.forEach((x, i) => {
          expect(x).toBeLessThanOrEqual(more[i]! + 1e-15);
        });
      }),
    );
  });

  it("refuses a value outside [0, 1]", () => {
    expectValueError(() => benjaminiHochberg([0.5, -0.1]), { argument: "pValues", index: 1, value: -0.1 });
  });
});
