import { checkEach, checkFilled } from "../checks.js";
import type { Estimate } from "../stats/interval.js";
import { wilson } from "../stats/proportion.js";
import { sortedQuantile } from "../stats/quantile.js";
import { type AttemptsWith, costRatio, goalRate, optimalRate, spl, validRate } from "./plans.js";

/** How often tasks of one length are solved. */
export interface SolveRate {
  /** Optimal cost of the tasks. */
  readonly length: number;
  readonly attempts: number;
  /** Share of attempts that reach the goal. */
  readonly rate: Estimate;
}

/**
 * The share of attempts that reach the goal, against the length of the task's cheapest plan, with Wilson's intervals.
 *
 * @param options - `level`: default 0.95, of each interval by itself.
 * @returns one entry for each length that occurs, ascending.
 * @throws ValueError for no attempts, an optimal cost that is negative or not finite, or a level outside (0, 1).
 */
export function solveCurve(
  attempts: AttemptsWith<"goal" | "optimalCost">,
  options: { readonly level?: number } = {},
): SolveRate[] {
  checkLengths("solveCurve", attempts);
  const counts = new Map<number, { solved: number; attempts: number }>();
  for (const { goal, optimalCost } of attempts) {
    const count = counts.get(optimalCost) ?? { solved: 0, attempts: 0 };
    counts.set(optimalCost, { solved: count.solved + (goal ? 1 : 0), attempts: count.attempts + 1 });
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([length, { solved, attempts }]) => ({ length, attempts, rate: wilson(solved, attempts, options) }));
}

/**
 * The largest optimal cost among the tasks whose goal was reached: how hard a task may be. Detours do not count.
 *
 * @returns 0 when nothing is solved.
 * @throws ValueError as `solveCurve`.
 */
export function longestSolved(attempts: AttemptsWith<"goal" | "optimalCost">): number {
  checkLengths("longestSolved", attempts);
  return attempts.reduce((longest, { goal, optimalCost }) => (goal ? Math.max(longest, optimalCost) : longest), 0);
}

/** The figures of one set of attempts: a row of the table of generations, checkpoints or methods. */
export interface PlanSummary {
  readonly attempts: number;
  readonly validRate: Estimate;
  readonly goalRate: Estimate;
  readonly optimalRate: Estimate;
  readonly costRatio: number;
  readonly spl: number;
  readonly longestSolved: number;
  /** Quantiles of the optimal costs of what is solved; NaN when nothing is. */
  readonly solvedLength: { readonly median: number; readonly p95: number };
}

/**
 * All figures of a set of attempts. `generations.map((attempts) => summarisePlans(attempts))` is the table from generation
 * to generation.
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError as `optimalRate` and `solveCurve`.
 */
export function summarisePlans(
  attempts: AttemptsWith<"valid" | "goal" | "cost" | "optimalCost">,
  options: { readonly level?: number } = {},
): PlanSummary {
  checkLengths("summarisePlans", attempts);
  const solved = Float64Array.from(
    attempts.filter(({ goal }) => goal),
    ({ optimalCost }) => optimalCost,
  ).sort();
  const at = (probability: number) => (solved.length === 0 ? Number.NaN : sortedQuantile(solved, probability));
  return {
    attempts: attempts.length,
    validRate: validRate(attempts, options),
    goalRate: goalRate(attempts, options),
    optimalRate: optimalRate(attempts, options),
    costRatio: costRatio(attempts),
    spl: spl(attempts),
    longestSolved: longestSolved(attempts),
    solvedLength: { median: at(0.5), p95: at(0.95) },
  };
}

function checkLengths(caller: string, attempts: AttemptsWith<"optimalCost">): void {
  checkFilled(caller, "attempts", attempts);
  const lengths = attempts.map(({ optimalCost }) => optimalCost);
  checkEach(caller, "attempts.optimalCost", lengths, "finite and ≥ 0", (length) => length >= 0 && length < Infinity);
}
