import { createRng } from "@x/core";
import { type Alternative, mannWhitney } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

describe("mannWhitney", () => {
  it("equals SciPy's mannwhitneyu, exact and approximate, with and without ties", () => {
    for (const { x, y, u, pValue } of fixtures.mannWhitney)
      for (const [alternative, p] of Object.entries(pValue)) {
        const found = mannWhitney(x, y, { alternative: alternative as Alternative });
        expect(found.u).toBe(u);
        expectClose(found.pValue, p, { rtol: 1e-11 });
      }
    expect(new Set(fixtures.mannWhitney.map(({ x, y }) => mannWhitney(x, y).exact))).toEqual(new Set([true, false]));
  });

  it("counts pairs, ties half", () => {
    const list = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(list, list, (x, y) => {
        let u = 0;
        for (const a of x) for (const b of y) u += a > b ? 1 : a === b ? 0.5 : 0;
        const found = mannWhitney(x, y);
        expect(found.u).toBe(u);
        expect(found.superiority).toBe(u / (x.length * y.length));
        expect(found.pValue).toBeLessThanOrEqual(1);
        expectClose(mannWhitney(y, x).pValue, found.pValue, { rtol: 1e-9 });
      }),
    );
  });

  it("equals the count over all arrangements of 3 and 4 ranks", () => {
    const x = [1.5, 6.5, 7.5];
    const y = [0.5, 2.5, 3.5, 4.5];
    const observed = mannWhitney(x, y, { alternative: "greater" });
    let extreme = 0;
    let all = 0;
    for (let set = 0; set < 128; set++) {
      const chosen = Array.from({ length: 7 }, (_, i) => (set >> i) & 1);
      if (chosen.reduce((s, c) => s + c, 0) !== 3) continue;
      let u = 0;
      for (let i = 0; i < 7; i++) for (let j = 0; j < i; j++) if (chosen[i] && !chosen[j]) u++;
      all++;
      if (u >= observed.u) extreme++;
    }
    expect(all).toBe(35);
    expectClose(observed.pValue, extreme / all, { rtol: 1e-12 });
  });

  it("is 1 when all values are equal", () => {
    expect(mannWhitney([2, 2], [2, 2, 2])).toMatchObject({ u: 3, superiority: 0.5, pValue: 1 });
  });

  it("approximates where the exact counts would not fit float64", () => {
    const rng = createRng("long");
    const long = Array.from({ length: 1000 }, () => rng.normal());
    expect(mannWhitney(long.slice(0, 8), long.slice(8)).exact).toBe(false);
    expect(mannWhitney(long.slice(0, 3), long.slice(3)).exact).toBe(true);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => mannWhitney([], [1]), { argument: "x", value: 0 });
    expectValueError(() => mannWhitney([1], [1, Number.NaN]), { argument: "y", index: 1 });
  });
});
