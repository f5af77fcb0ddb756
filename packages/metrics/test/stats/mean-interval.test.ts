import { createRng } from "@x/core";
import { meanInterval } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

describe("meanInterval", () => {
  it("equals SciPy's t interval", () => {
    for (const { values, level, interval } of fixtures.meanIntervals) {
      const { point, low, high } = meanInterval(values, { level });
      expectClose([low, high], interval, { rtol: 1e-10 });
      expectClose(point, (low + high) / 2, { rtol: 1e-12 });
    }
  });

  it("covers the mean of three normal values in 95 % of experiments", () => {
    let covered = 0;
    for (let k = 0; k < 4000; k++) {
      const rng = createRng(`three ${k}`);
      const { low, high } = meanInterval([rng.normal(), rng.normal(), rng.normal()]);
      if (low <= 0 && 0 <= high) covered++;
    }
    expectClose(covered / 4000, 0.95, { atol: 0.0114 }); // 3.3 standard errors: false alarm 1e-3
  });

  it("is the point when nothing varies", () => {
    expect(meanInterval([2, 2, 2])).toEqual({ point: 2, low: 2, high: 2, level: 0.95 });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => meanInterval([]), { argument: "values", value: 0 });
    expectValueError(() => meanInterval([1]), { argument: "values", value: 1 });
    expectValueError(() => meanInterval([1, Number.NaN]), { argument: "values", index: 1 });
    expectValueError(() => meanInterval([1, 2], { level: 1 }), { argument: "level", value: 1 });
  });
});
