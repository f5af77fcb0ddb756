import { quantile } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { type CiMethod, limits } from "../../src/stats/interval.js";
import { expectClose } from "../expect-close.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

const mean = (x: readonly number[]) => x.reduce((a, b) => a + b, 0) / x.length;
const statistics: Record<string, (x: readonly number[]) => number> = { mean, median: (x) => quantile(x, 0.5) };

describe("limits", () => {
  for (const method of ["percentile", "basic", "bca"] as CiMethod[])
    it(`equals SciPy on given replicates (${method})`, () => {
      for (const { statistic, data, replicates, level, intervals } of fixtures.bootstrap) {
        const theta = statistics[statistic]!;
        const jackknife = () => Float64Array.from(data, (_, i) => theta(data.toSpliced(i, 1)));
        const sorted = Float64Array.from(replicates).sort();
        const { low, high } = limits(sorted, theta(data), level, method, jackknife);
        expectClose([low, high], intervals[method], { rtol: 1e-9 });
      }
    });

  it("is the point when nothing varies", () => {
    const same = new Float64Array(50).fill(3);
    for (const method of ["percentile", "basic", "bca"] as CiMethod[])
      expect(limits(same, 3, 0.95, method, () => same)).toEqual({ low: 3, high: 3 });
  });

  it("stays inside the replicates when all lie on one side of the point", () => {
    const sorted = Float64Array.from({ length: 100 }, (_, i) => i);
    for (const point of [-1, 200]) {
      const { low, high } = limits(sorted, point, 0.95, "bca", () => Float64Array.of(1, 2, 3));
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(99);
      expect(low).toBeLessThanOrEqual(high);
    }
  });
});
