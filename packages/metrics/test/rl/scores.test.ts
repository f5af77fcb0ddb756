import { iqm, medianOfMeans, optimalityGap, performanceProfile, probabilityOfImprovement } from "@x/metrics/rl";
import { mannWhitney, mean } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/rl.json" with { type: "json" };

const { aggregates, thresholds, trimmed } = fixtures;
const tight = { atol: 1e-12, rtol: 1e-12 };
const matrix = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([runs, tasks]) => {
  const row = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: tasks, maxLength: tasks });
  return fc.array(row, { minLength: runs, maxLength: runs });
});

/** What every function of a matrix refuses. */
function refusesBadScores(of: (scores: number[][]) => unknown, argument = "scores"): void {
  expectValueError(() => of([]), { argument, value: 0 });
  expectValueError(() => of([[]]), { argument: `${argument}[0]`, value: 0 });
  expectValueError(() => of([[1, 2], [3]]), { argument: `${argument}[1]`, value: 1 });
  expectValueError(
    () =>
      of([
        [1, 2],
        [3, Number.NaN],
      ]),
    { argument: `${argument}[1]`, index: 1, value: Number.NaN },
  );
}

describe("iqm", () => {
  it("equals rliable", () => {
    for (const { x, iqm: expected } of aggregates) expectClose(iqm(x), expected, tight);
  });

  it("equals SciPy's trimmed mean for every remainder of N by 4", () => {
    for (const { values, mean: expected } of trimmed) expectClose(iqm([values]), expected, tight);
  });

  it("does not depend on which run or task a score comes from, nor on outliers", () => {
    fc.assert(
      fc.property(matrix, (scores) => {
        expectClose(iqm([scores.flat().reverse()]), iqm(scores), tight);
      }),
      { seed: 1 },
    );
    expect(iqm([[1, 2, 3, 1e9]])).toBe(2.5);
  });

  it("names the argument, index and value that it refuses", () => refusesBadScores(iqm));
});

describe("medianOfMeans", () => {
  it("equals rliable", () => {
    for (const { x, medianOfMeans: expected } of aggregates) expectClose(medianOfMeans(x), expected, tight);
  });

  it("is the mean of a single task and the median of a single run", () => {
    expect(medianOfMeans([[1], [2], [6]])).toBe(3);
    expect(medianOfMeans([[1, 2, 6]])).toBe(2);
  });

  it("names the argument, index and value that it refuses", () => refusesBadScores(medianOfMeans));
});

describe("optimalityGap", () => {
  it("equals rliable", () => {
    for (const { x, optimalityGap: expected, optimalityGapHalf } of aggregates) {
      expectClose(optimalityGap(x), expected, tight);
      expectClose(optimalityGap(x, { target: 0.5 }), optimalityGapHalf, tight);
    }
  });

  it("is 0 beyond the target and never negative", () => {
    expect(
      optimalityGap([
        [1, 5],
        [2, 1],
      ]),
    ).toBe(0);
    fc.assert(
      fc.property(matrix, (scores) => {
        expect(optimalityGap(scores)).toBeGreaterThanOrEqual(0);
      }),
      { seed: 2 },
    );
  });

  it("names the argument, index and value that it refuses", () => {
    refusesBadScores((scores) => optimalityGap(scores));
    expectValueError(() => optimalityGap([[1]], { target: Number.NaN }), { argument: "target", value: Number.NaN });
  });
});

describe("performanceProfile", () => {
  it("equals rliable, of runs and of task means", () => {
    for (const { x, profile, profileOfMeans } of aggregates) {
      expectClose(performanceProfile(x, thresholds), profile, tight);
      expectClose(performanceProfile(x, thresholds, { of: "taskMeans" }), profileOfMeans, tight);
    }
  });

  it("falls from 1 to 0 and does not count a score that equals the threshold", () => {
    expect(
      performanceProfile(
        [
          [1, 2],
          [3, 4],
        ],
        [0, 1, 2.5, 4],
      ),
    ).toEqual(Float64Array.of(1, 0.75, 0.5, 0));
  });

  it("encloses the mean of scores in [0, 1]", () => {
    // ∫ F̂(τ) dτ = mean; the sums over a grid of steps from above and below enclose it.
    const scores = [
      [0.1, 0.52, 0.9],
      [0.33, 0.75, 0.4],
    ];
    const grid = Array.from({ length: 1001 }, (_, i) => i / 1000);
    const profile = performanceProfile(scores, grid);
    expectClose(profile.reduce((a, b) => a + b) / 1000, 3 / 6, { atol: 2e-3 });
  });

  it("names the argument, index and value that it refuses", () => {
    refusesBadScores((scores) => performanceProfile(scores, [0]));
    expectValueError(() => performanceProfile([[1]], []), { argument: "thresholds", value: 0 });
    expectValueError(() => performanceProfile([[1]], [0, Number.NaN]), { argument: "thresholds", index: 1 });
  });
});

describe("probabilityOfImprovement", () => {
  it("equals rliable", () => {
    for (const { x, y, improvement } of aggregates) expectClose(probabilityOfImprovement(x, y), improvement, tight);
  });

  it("is the mean over tasks of the superiority of a Mann–Whitney test", () => {
    fc.assert(
      fc.property(matrix, matrix, (x, y) => {
        const tasks = Math.min(x[0]!.length, y[0]!.length);
        const [a, b] = [x, y].map((rows) => rows.map((row) => row.slice(0, tasks).map(Math.round)));
        const column = (rows: number[][], m: number) => rows.map((row) => row[m]!);
        const superiority = Array.from(
          { length: tasks },
          (_, m) => mannWhitney(column(a!, m), column(b!, m)).superiority,
        );
        expectClose(probabilityOfImprovement(a!, b!), mean(superiority), { atol: 1e-12 });
      }),
      { seed: 3 },
    );
  });

  it("adds up to 1 with its reverse", () => {
    for (const { x, y } of aggregates)
      expectClose(probabilityOfImprovement(x, y) + probabilityOfImprovement(y, x), 1, tight);
  });

  it("names the argument, index and value that it refuses", () => {
    refusesBadScores((x) => probabilityOfImprovement(x, [[1, 2]]), "x");
    refusesBadScores((y) => probabilityOfImprovement([[1, 2]], y), "y");
    expectValueError(() => probabilityOfImprovement([[1, 2]], [[1]]), { argument: "y[0]", value: 1 });
  });
});
