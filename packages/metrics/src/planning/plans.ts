import { ValueError } from "@x/core";
import { checkFilled, checkValue } from "../checks.js";
import type { Estimate } from "../stats/interval.js";
import { mean } from "../stats/moments.js";
import { wilson } from "../stats/proportion.js";

/** A plan that was written for a task, as a validator saw it. */
export interface PlanAttempt {
  /** Whether it parses and each of its actions is applicable. */
  readonly valid: boolean;
  /** Whether it is valid and ends in the goal. */
  readonly goal: boolean;
  /** Of the plan; the number of actions where all cost the same. Read only where the goal is reached. */
  readonly cost: number;
  /** Of a cheapest plan of the task. */
  readonly optimalCost: number;
}

/** Attempts with these properties of a plan; others may be missing. */
export type AttemptsWith<K extends keyof PlanAttempt> = readonly Pick<PlanAttempt, K>[];

/**
 * The share of plans whose actions are all applicable, with Wilson's interval.
 *
 * The intervals of rates take attempts as independent: with several for each task, `bootstrap` the rates of tasks instead.
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError for no attempts, or a level outside (0, 1).
 */
export function validRate(attempts: AttemptsWith<"valid">, options: { readonly level?: number } = {}): Estimate {
  return rate("validRate", attempts, ({ valid }) => valid, options);
}

/**
 * The share of plans that reach the goal, with Wilson's interval.
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError as `validRate`.
 */
export function goalRate(attempts: AttemptsWith<"goal">, options: { readonly level?: number } = {}): Estimate {
  return rate("goalRate", attempts, ({ goal }) => goal, options);
}

/**
 * The share of plans, failures included, that reach the goal at the optimal cost, with Wilson's interval.
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError as `validRate`, for a cost that is negative or not finite, or a plan cheaper than the cheapest.
 */
export function optimalRate(
  attempts: AttemptsWith<"goal" | "cost" | "optimalCost">,
  options: { readonly level?: number } = {},
): Estimate {
  const efficiencies = attempts.map((attempt, i) => efficiency("optimalRate", attempt, i));
  return rate("optimalRate", efficiencies, (e) => e === 1, options);
}

/**
 * How close the solved tasks' plans are to optimal.
 *
 *   mean of c*ᵢ/cᵢ over the solved
 *
 * Blind to failures: a method that solves only easy tasks looks good. `spl` counts them.
 *
 * @returns a number in [0, 1]; NaN when nothing is solved.
 * @throws ValueError as `optimalRate`.
 */
export function costRatio(attempts: AttemptsWith<"goal" | "cost" | "optimalCost">): number {
  checkFilled("costRatio", "attempts", attempts);
  const solved = attempts.flatMap((attempt, i) => (attempt.goal ? [efficiency("costRatio", attempt, i)] : []));
  return solved.length === 0 ? Number.NaN : mean(solved);
}

/**
 * Success weighted by path length: a failure counts 0, a success how close its plan is to optimal.
 *
 *   (1/N) Σᵢ goalᵢ · c*ᵢ/cᵢ
 *
 * @throws ValueError as `optimalRate`.
 * @paper 1807.06757 eq. 1
 */
export function spl(attempts: AttemptsWith<"goal" | "cost" | "optimalCost">): number {
  checkFilled("spl", "attempts", attempts);
  return mean(attempts.map((attempt, i) => efficiency("spl", attempt, i)));
}

/**
 * The share of plans that are not among known ones, such as those of the training data, with Wilson's interval.
 *
 * @param plans - plans as texts of one canonical form, as often as they were written.
 * @param known - texts of the same form.
 * @param options - `level`: default 0.95.
 * @throws ValueError for no plans, or a level outside (0, 1).
 */
export function novelPlanRate(
  plans: readonly string[],
  known: Iterable<string>,
  options: { readonly level?: number } = {},
): Estimate {
  checkFilled("novelPlanRate", "plans", plans);
  const seen = new Set(known);
  return rate("novelPlanRate", plans, (plan) => !seen.has(plan), options);
}

function rate<T>(
  caller: string,
  items: readonly T[],
  holds: (item: T) => boolean,
  options: { readonly level?: number },
): Estimate {
  checkFilled(caller, "attempts", items);
  return wilson(items.filter(holds).length, items.length, options);
}

/** c*ᵢ/cᵢ where the goal is reached, else 0; exactly 1 up to a rounding of costs, and for the empty plan of a solved task. */
function efficiency(caller: string, attempt: AttemptsWith<"goal" | "cost" | "optimalCost">[number], i: number): number {
  const { goal, cost, optimalCost } = attempt;
  if (!goal) return 0;
  const isCost = (c: number) => c >= 0 && c < Infinity;
  checkValue(caller, "attempts.cost", cost, "finite and ≥ 0", isCost(cost), i);
  checkValue(caller, "attempts.optimalCost", optimalCost, "finite and ≥ 0", isCost(optimalCost), i);
  if (Math.abs(cost - optimalCost) <= 1e-9 * cost) return 1;
  if (cost < optimalCost)
    throw new ValueError(`${caller}: attempts.cost[${i}] must be ≥ optimalCost (${optimalCost}), got ${cost}`, {
      argument: "attempts.cost",
      index: i,
      value: cost,
    });
  return optimalCost / cost;
}
