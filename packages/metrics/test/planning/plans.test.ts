import { costRatio, goalRate, novelPlanRate, optimalRate, type PlanAttempt, spl, validRate } from "@x/metrics/planning";
import { wilson } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const solved = (cost: number, optimalCost: number): PlanAttempt => ({ valid: true, goal: true, cost, optimalCost });
const astray: PlanAttempt = { valid: true, goal: false, cost: 3, optimalCost: 4 };
const invalid: PlanAttempt = { valid: false, goal: false, cost: Number.NaN, optimalCost: 4 };
const attempts = [solved(4, 4), solved(8, 4), astray, invalid, solved(5, 5)];

describe("validRate, goalRate, optimalRate", () => {
  it("are shares of all attempts with Wilson's intervals", () => {
    expect(validRate(attempts)).toEqual(wilson(4, 5));
    expect(goalRate(attempts)).toEqual(wilson(3, 5));
    expect(optimalRate(attempts)).toEqual(wilson(2, 5));
    expect(goalRate(attempts, { level: 0.5 })).toEqual(wilson(3, 5, { level: 0.5 }));
  });

  it("need no more than what they read", () => {
    expect(validRate([{ valid: true }]).point).toBe(1);
    expect(goalRate([{ goal: false }]).point).toBe(0);
  });

  it("take costs as equal up to their rounding", () => {
    expect(optimalRate([solved(0.1 + 0.2, 0.3), solved(0.3, 0.1 + 0.2)]).point).toBe(1);
  });

  it("name the argument, index and value that they refuse", () => {
    expectValueError(() => validRate([]), { argument: "attempts", value: 0 });
    expectValueError(() => goalRate([]), { argument: "attempts", value: 0 });
    expectValueError(() => optimalRate([]), { argument: "attempts", value: 0 });
    expectValueError(() => goalRate(attempts, { level: 1 }), { argument: "level", value: 1 });
    const message = "optimalRate: attempts.cost[1] must be ≥ optimalCost (4), got 3";
    expectValueError(() => optimalRate([astray, solved(3, 4)]), {
      argument: "attempts.cost",
      index: 1,
      value: 3,
      message,
    });
    expectValueError(() => optimalRate([solved(3, Number.NaN)]), { argument: "attempts.optimalCost", index: 0 });
  });
});

describe("costRatio", () => {
  it("is the mean of optimal over actual cost where the goal is reached", () => {
    expectClose(costRatio(attempts), (1 + 0.5 + 1) / 3, { rtol: 1e-15 });
  });

  it("is NaN when nothing is solved and 1 for an empty plan of a solved task", () => {
    expect(costRatio([astray, invalid])).toBeNaN();
    expect(costRatio([solved(0, 0)])).toBe(1);
    expect(costRatio([solved(2, 0)])).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => costRatio([]), { argument: "attempts", value: 0 });
    expectValueError(() => costRatio([solved(-1, 0)]), { argument: "attempts.cost", index: 0, value: -1 });
    expectValueError(() => costRatio([astray, solved(Infinity, 1)]), { argument: "attempts.cost", index: 1 });
  });
});

describe("spl", () => {
  it("equals the definition", () => {
    expectClose(spl(attempts), (1 + 0.5 + 0 + 0 + 1) / 5, { rtol: 1e-15 });
  });

  it("is the goal rate times the cost ratio, and at most the goal rate", () => {
    const attempt = fc
      .record({ valid: fc.constant(true), goal: fc.boolean(), optimalCost: fc.integer({ min: 1, max: 9 }) })
      .chain((fields) =>
        fc.integer({ min: 0, max: 9 }).map((more) => ({ ...fields, cost: fields.optimalCost + more })),
      );
    fc.assert(
      fc.property(fc.array(attempt, { minLength: 1, maxLength: 20 }), (list) => {
        const rate = goalRate(list).point;
        expectClose(spl(list), rate === 0 ? 0 : rate * costRatio(list), { rtol: 1e-12 });
        expect(spl(list)).toBeGreaterThanOrEqual(optimalRate(list).point - 1e-12);
        expect(spl(list)).toBeLessThanOrEqual(rate + 1e-12);
      }),
      { seed: 1 },
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => spl([]), { argument: "attempts", value: 0 });
    expectValueError(() => spl([solved(Number.NaN, 1)]), { argument: "attempts.cost", index: 0, value: Number.NaN });
    expectValueError(() => spl([solved(1, 2)]), { argument: "attempts.cost", index: 0, value: 1 });
  });
});

describe("novelPlanRate", () => {
  it("is the share of plans that are not among the known", () => {
    expect(novelPlanRate(["a b", "c", "c", "d"], ["c", "e"])).toEqual(wilson(2, 4));
    expect(novelPlanRate(["a"], new Set<string>()).point).toBe(1);
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => novelPlanRate([], ["a"]), { argument: "plans", value: 0 });
    expectValueError(() => novelPlanRate(["a"], [], { level: 0 }), { argument: "level", value: 0 });
  });
});
