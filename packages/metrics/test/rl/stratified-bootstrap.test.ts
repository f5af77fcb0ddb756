import { createRng } from "@x/core";
import {
  iqm,
  medianOfMeans,
  optimalityGap,
  probabilityOfImprovement,
  stratifiedBootstrap,
  stratifiedComparison,
} from "@x/metrics/rl";
import { bootstrap, type CiMethod, mean } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/rl.json" with { type: "json" };

const methods: CiMethod[] = ["percentile", "basic", "bca"];
const meanScore = (scores: readonly Float64Array[]) => mean(scores.map(mean));
const limitsOf = ({ point, low, high }: { point: number; low: number; high: number }) => [point, low, high];
const small = [
  [1, 10, 3],
  [2, 40, 3.5],
  [4, 20, 5],
];

describe("stratifiedBootstrap", () => {
  it("has limits near those of every one of the 3⁶ resamples", () => {
    const scores = small.map((run) => run.slice(0, 2));
    const all = Float64Array.from({ length: 3 ** 6 }, (_, code) => {
      let sum = 0;
      for (let cell = 0; cell < 6; cell++) sum += scores[Math.floor(code / 3 ** cell) % 3]![cell % 2]!;
      return sum / 6;
    }).sort();
    const { low, high } = stratifiedBootstrap(scores, meanScore, { reps: 50_000, level: 0.9 });
    // Standard error of the share below a limit: √(0.05·0.95/50 000) = 0.001; the 3⁶ values are 0.0014 apart, with ties.
    const below = (x: number) => all.filter((value) => value <= x + 1e-9).length / all.length;
    const strictlyBelow = (x: number) => all.filter((value) => value < x - 1e-9).length / all.length;
    expect(strictlyBelow(low)).toBeLessThan(0.055);
    expect(below(low)).toBeGreaterThan(0.045);
    expect(strictlyBelow(high)).toBeLessThan(0.955);
    expect(below(high)).toBeGreaterThan(0.945);
  });

  it("equals bootstrap on a single task, for every method", () => {
    const values = [0.1, 0.7, 0.3, 0.35, 2.5];
    for (const method of methods) {
      const options = { method, seed: 3, reps: 500 };
      const found = stratifiedBootstrap(
        values.map((value) => [value]),
        meanScore,
        options,
      );
      expectClose(limitsOf(found), limitsOf(bootstrap(values, options)), { rtol: 1e-12 });
    }
  });

  it("agrees with rliable up to the noise of their replicates", () => {
    for (const { scores, method, level, limits } of fixtures.intervals) {
      const found = stratifiedBootstrap(scores, meanScore, { method: method as CiMethod, level, reps: 20_000 });
      // Width of a normal interval: 3.29 σ. Standard error of its 5 % quantile: √(0.05·0.95/reps)/0.103 σ = 0.015 σ.
      const sigma = (limits[1]! - limits[0]!) / 3.29;
      expectClose([found.low, found.high], limits, { atol: 5 * Math.SQRT2 * 0.015 * sigma });
    }
  });

  it("varies less than resampling whole runs where tasks agree within a run", () => {
    const runs = [1, 2, 3, 4, 5].map((level) => new Float64Array(20).fill(level));
    const { low, high } = stratifiedBootstrap(runs, meanScore);
    const whole = bootstrap([1, 2, 3, 4, 5], { method: "percentile" });
    expectClose((high - low) / (whole.high - whole.low), 1 / Math.sqrt(20), { rtol: 0.1 });
  });

  it("is exact where the runs of every task are equal", () => {
    for (const method of methods)
      expect(
        stratifiedBootstrap(
          [
            [1, 5],
            [1, 5],
            [1, 5],
          ],
          iqm,
          { method, reps: 50 },
        ),
      ).toMatchObject({
        point: 3,
        low: 3,
        high: 3,
      });
  });

  // A true coverage of 92 % leaves 88–96.5 % of 400 experiments with probability 2e-3.
  it("covers the interquartile mean of normal scores nearly as often as it says", () => {
    let covered = 0;
    for (let k = 0; k < 400; k++) {
      const rng = createRng(`coverage ${k}`);
      const scores = Array.from({ length: 10 }, () => Float64Array.from({ length: 6 }, () => rng.normal()));
      const { low, high } = stratifiedBootstrap(scores, iqm, { reps: 300, seed: k });
      if (low <= 0 && 0 <= high) covered++;
    }
    expect(covered / 400).toBeGreaterThan(0.88);
    expect(covered / 400).toBeLessThan(0.965);
  });

  it("takes a statistic that reorders what it is given, and leaves the scores as they were", () => {
    const scores = small.map((run) => Float64Array.from(run));
    const sorting = (rows: readonly Float64Array[]) => meanScore(rows.map((row) => row.sort()));
    for (const method of methods)
      expectClose(
        limitsOf(stratifiedBootstrap(scores, sorting, { method, reps: 200 })),
        limitsOf(stratifiedBootstrap(scores, meanScore, { method, reps: 200 })),
        { rtol: 1e-12 },
      );
    expect(scores.map((row) => [...row])).toEqual(small);
  });

  it("leaves out one score at a time for bca, so that the order of runs does not matter", () => {
    const reordered = [
      [1, 40, 3.5],
      [4, 10, 5],
      [2, 20, 3],
    ];
    const limits = [small, reordered].map((scores) => {
      const { low, high } = stratifiedBootstrap(scores, meanScore, { method: "bca", reps: 20_000 });
      return [low, high];
    });
    expectClose(limits[0]!, limits[1]!, { atol: 0.25 }); // σ = 4.3; 5 standard errors of a difference of extreme quantiles
  });

  it("reports how it was made and gives identical bits again", () => {
    const options = { seed: "s", reps: 300, level: 0.8, method: "bca" } as const;
    const found = stratifiedBootstrap(small, iqm, options);
    expect(found).toMatchObject({ ...options, point: iqm(small) });
    expect(
      stratifiedBootstrap(
        small.map((run) => Float64Array.from(run)),
        iqm,
        options,
      ),
    ).toEqual(found);
    expect(stratifiedBootstrap(small, medianOfMeans)).toMatchObject({
      seed: 0,
      reps: 2000,
      level: 0.95,
      method: "percentile",
    });
    expect(stratifiedBootstrap(small, optimalityGap, { seed: 1 })).not.toEqual(
      stratifiedBootstrap(small, iqm, { seed: 1 }),
    );
    expect(stratifiedBootstrap(small, meanScore, { seed: 1 }).high).not.toBe(
      stratifiedBootstrap(small, meanScore, { seed: 2 }).high,
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => stratifiedBootstrap([], iqm), { argument: "scores", value: 0 });
    expectValueError(() => stratifiedBootstrap([[1, 2]], iqm), { argument: "scores", value: 1 });
    expectValueError(() => stratifiedBootstrap([[1, 2], [1]], iqm), { argument: "scores[1]", value: 1 });
    expectValueError(() => stratifiedBootstrap([[1], [Number.NaN]], iqm), { argument: "scores[1]", index: 0 });
    expectValueError(() => stratifiedBootstrap(small, iqm, { level: 0 }), { argument: "level", value: 0 });
    expectValueError(() => stratifiedBootstrap(small, iqm, { reps: 1 }), { argument: "reps", value: 1 });
    expectValueError(() => stratifiedBootstrap(small, () => Number.NaN), { argument: "statistic", value: Number.NaN });
  });
});

describe("stratifiedComparison", () => {
  const x = [
    [0.9, 0.8],
    [0.7, 0.9],
    [0.8, 0.6],
  ];
  const y = [
    [0.5, 0.7],
    [0.6, 0.65],
  ];

  it("bounds the probability of improvement", () => {
    const found = stratifiedComparison(x, y, probabilityOfImprovement, { reps: 500 });
    expect(found.point).toBe(probabilityOfImprovement(x, y));
    expect(found.low).toBeGreaterThan(0.4);
    expect(found.low).toBeLessThan(found.point);
    expect(found.high).toBe(1);
  });

  it("adds the variances of independent methods", () => {
    const rng = createRng("independent");
    const draws = (runs: number, spread: number) =>
      Array.from({ length: runs }, () => Float64Array.from({ length: 4 }, () => spread * rng.normal()));
    const [a, b] = [draws(12, 3), draws(20, 4)];
    const width = ({ low, high }: { low: number; high: number }) => high - low;
    const difference = stratifiedComparison(a, b, (p, q) => meanScore(p) - meanScore(q));
    const apart = Math.hypot(width(stratifiedBootstrap(a, meanScore)), width(stratifiedBootstrap(b, meanScore)));
    expectClose(width(difference), apart, { rtol: 0.1 });
  });

  it("changes sign when the methods are swapped, up to the noise of replicates", () => {
    const difference = (p: readonly Float64Array[], q: readonly Float64Array[]) => iqm(p) - iqm(q);
    for (const method of methods) {
      const [ab, ba] = [
        [x, y],
        [y, x],
      ].map(([p, q]) => stratifiedComparison(p!, q!, difference, { method, reps: 5000 }));
      expectClose([ba!.point, ba!.low, ba!.high], [-ab!.point, -ab!.high, -ab!.low], { atol: 0.02 });
    }
  });

  it("names the argument, index and value that it refuses", () => {
    const compare = (a: number[][], b: number[][]) => stratifiedComparison(a, b, probabilityOfImprovement);
    expectValueError(() => compare([[1]], y), { argument: "x", value: 1 });
    expectValueError(() => compare(x, [[1, 2]]), { argument: "y", value: 1 });
    expectValueError(() => compare(x, [[1], [2]]), { argument: "y[0]", value: 1 });
    expectValueError(() => compare([[1, 2], [3]], y), { argument: "x[1]", value: 1 });
    expectValueError(
      () =>
        compare(x, [
          [1, 2],
          [3, Infinity],
        ]),
      { argument: "y[1]", index: 1, value: Infinity },
    );
  });
});
