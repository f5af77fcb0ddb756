import { createRng } from "@x/core";
import {
  costRatio,
  goalRate,
  longestSolved,
  optimalRate,
  solveCurve,
  spl,
  summarisePlans,
  validRate,
} from "@x/metrics/planning";
import { quantile, wilson } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";

const of = (optimalCost: number, goal: boolean, cost = optimalCost) => ({ valid: true, goal, cost, optimalCost });
const attempts = [of(10, true, 12), of(2, true), of(2, false), of(4, true), of(10, false), of(2, true), of(20, false)];

describe("solveCurve", () => {
  it("has Wilson's interval for every length, ascending as numbers", () => {
    expect(solveCurve(attempts)).toEqual([
      { length: 2, attempts: 3, rate: wilson(2, 3) },
      { length: 4, attempts: 1, rate: wilson(1, 1) },
      { length: 10, attempts: 2, rate: wilson(1, 2) },
      { length: 20, attempts: 1, rate: wilson(0, 1) },
    ]);
    expect(solveCurve(attempts, { level: 0.8 })[0]!.rate).toEqual(wilson(2, 3, { level: 0.8 }));
  });

  it("adds up to the goal rate", () => {
    const rng = createRng("curve");
    const many = Array.from({ length: 200 }, () => of(1 + rng.int(8), rng.float() < 0.4));
    const curve = solveCurve(many);
    const solved = curve.reduce((sum, { attempts, rate }) => sum + Math.round(attempts * rate.point), 0);
    expect(solved / 200).toBe(goalRate(many).point);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => solveCurve([]), { argument: "attempts", value: 0 });
    expectValueError(() => solveCurve([of(1, true), of(Number.NaN, false)]), {
      argument: "attempts.optimalCost",
      index: 1,
      value: Number.NaN,
    });
    expectValueError(() => solveCurve(attempts, { level: 2 }), { argument: "level", value: 2 });
  });
});

describe("longestSolved", () => {
  it("is the largest optimal cost among solved tasks, whatever the detours", () => {
    expect(longestSolved(attempts)).toBe(10);
    expect(longestSolved([of(3, true, 50), of(4, true)])).toBe(4);
    expect(longestSolved([of(3, false)])).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => longestSolved([]), { argument: "attempts", value: 0 });
    expectValueError(() => longestSolved([of(-1, true)]), { argument: "attempts.optimalCost", index: 0, value: -1 });
  });
});

describe("summarisePlans", () => {
  it("holds all figures of a set of attempts", () => {
    const lengths = [10, 2, 4, 2];
    expect(summarisePlans(attempts, { level: 0.9 })).toEqual({
      attempts: 7,
      validRate: validRate(attempts, { level: 0.9 }),
      goalRate: goalRate(attempts, { level: 0.9 }),
      optimalRate: optimalRate(attempts, { level: 0.9 }),
      costRatio: costRatio(attempts),
      spl: spl(attempts),
      longestSolved: 10,
      solvedLength: { median: 3, p95: quantile(lengths, 0.95) },
    });
  });

  it("makes the table of generations", () => {
    const generations = [
      [of(2, true), of(4, false)],
      [of(2, true), of(4, true)],
    ];
    const table = generations.map((generation) => summarisePlans(generation));
    expect(table.map((row) => row.goalRate.point)).toEqual([0.5, 1]);
    expect(table.map((row) => row.longestSolved)).toEqual([2, 4]);
  });

  it("says NaN where nothing is solved", () => {
    expect(summarisePlans([of(2, false)])).toMatchObject({
      costRatio: Number.NaN,
      spl: 0,
      longestSolved: 0,
      solvedLength: { median: Number.NaN, p95: Number.NaN },
    });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => summarisePlans([]), { argument: "attempts", value: 0 });
    expectValueError(() => summarisePlans([of(1, true, 0.5)]), { argument: "attempts.cost", index: 0, value: 0.5 });
  });
});
