import { ValueError } from "@x/core";
import { checkEach, checkFilled, checkInteger, checkPositive, checkValue } from "../checks.js";
import { greedyCounts, largestRemainders } from "./rounding.js";
import { dot, type Limits, waterFill } from "./water-fill.js";

/** What there is to give out, and within which bounds. */
export interface AllocateOptions {
  /** N: samples in all, or, with `cost`, what they may cost in all. */
  readonly budget: number;
  /** c: cost of one sample at each place (tokens, seconds); default 1. */
  readonly cost?: ArrayLike<number>;
  /** Least samples a place, for all or for each; default 0. */
  readonly min?: number | ArrayLike<number>;
  /** Most samples a place, for all or for each; default without bound. */
  readonly max?: number | ArrayLike<number>;
  /**
   * `hamilton` (default): the continuous optimum by largest remainders. `exact`: the best whole numbers, at unit cost.
   * `none`: the continuous optimum.
   */
  readonly rounding?: "hamilton" | "exact" | "none";
}

/**
 * Gives samples to places so that the sum of the variances of their means is least.
 *
 *   minimise Σ aᵢ/nᵢ  subject to  Σ cᵢ·nᵢ = N,  minᵢ ≤ nᵢ ≤ maxᵢ:   nᵢ = clip(λ·√(aᵢ/cᵢ), minᵢ, maxᵢ)
 *
 * Without bounds its value is (Σ √(aᵢ·cᵢ))² / N, against (Σ aᵢ)·(Σ cᵢ)/N for equal shares. Only the ratios of the
 * variances matter. For the mean reward of binary rollouts, aᵢ = pᵢ·(1 − pᵢ).
 *
 * Variances that are 0 get their minimum as long as anybody else can take more. Whole numbers sum to the budget at unit
 * cost; otherwise less than the largest cost stays unspent.
 *
 * @param variance - aᵢ ≥ 0, the variance of one sample at each place.
 * @throws ValueError for an argument outside its domain, and for bounds that the budget cannot meet.
 */
export function neymanAllocate(variance: ArrayLike<number>, options: AllocateOptions): number[] {
  return allocate("neymanAllocate", variance, options);
}

/** As `neymanAllocate`, under the name of its caller. */
export function allocate(caller: string, variance: ArrayLike<number>, options: AllocateOptions): number[] {
  checkVariance(caller, variance);
  const { budget, rounding = "hamilton" } = options;
  const limits = limitsOf(caller, variance.length, options);
  const a = Array.from(variance);
  if (rounding === "exact") return greedyCounts(a, budget, limits);
  const shares = waterFill(
    a.map((ai, i) => Math.sqrt(ai) / Math.sqrt(limits.cost[i]!)),
    budget,
    limits,
  );
  return rounding === "none" ? shares : largestRemainders(shares, budget, limits);
}

/**
 * Σ aᵢ/nᵢ: the variance that an allocation leaves. A place without samples counts 0 when its variance is 0, else ∞.
 *
 * @throws ValueError for a number that is negative or not finite, and for lists of different length.
 */
export function allocationVariance(variance: ArrayLike<number>, counts: ArrayLike<number>): number {
  checkVariance("allocationVariance", variance);
  checkSize("allocationVariance", "counts", counts, variance.length);
  checkEach("allocationVariance", "counts", counts, "finite and ≥ 0", isAmount);
  return Array.from(variance).reduce((sum, a, i) => (a === 0 ? sum : sum + a / counts[i]!), 0);
}

/** Checks all of the options and spreads them over the places; `argument` is what the caller calls the budget. */
export function limitsOf(caller: string, places: number, options: AllocateOptions, argument = "budget"): Limits {
  const { budget, cost, rounding = "hamilton" } = options;
  if (rounding === "exact" || (rounding === "hamilton" && cost === undefined))
    checkInteger(caller, argument, budget, 1);
  else checkPositive(caller, argument, budget);
  checkValue(caller, "rounding", rounding, "hamilton, exact or none", ["hamilton", "exact", "none"].includes(rounding));
  if (cost !== undefined) {
    checkSize(caller, "cost", cost, places);
    checkEach(caller, "cost", cost, "finite and > 0", (c) => c > 0 && c < Infinity);
    const unit = rounding !== "exact" || Array.from(cost).every((c) => c === 1);
    checkValue(caller, "rounding", rounding, "hamilton or none when costs differ from 1", unit);
  }
  const limits = {
    cost: cost === undefined ? new Array<number>(places).fill(1) : Array.from(cost),
    min: spread(caller, "min", options.min ?? 0, places),
    max: spread(caller, "max", options.max ?? Infinity, places),
  };
  checkFeasible(caller, argument, budget, limits);
  return limits;
}

/** Refuses bounds that cross, and a budget below Σ c·min or above Σ c·max. */
function checkFeasible(caller: string, argument: string, budget: number, { cost, min, max }: Limits): void {
  for (const [i, low] of min.entries()) checkValue(caller, "min", low, `at most max (${max[i]})`, low <= max[i]!, i);
  const [least, most] = [dot(cost, min), dot(cost, max)];
  checkValue(caller, argument, budget, `at least ${least}, the cost of all minima`, least <= budget);
  checkValue(caller, argument, budget, `at most ${most}, the cost of all maxima`, most >= budget);
}

function spread(caller: string, argument: string, value: number | ArrayLike<number>, places: number): number[] {
  const isBound = (n: number) => n >= 0 && (n === Infinity ? argument === "max" : Number.isSafeInteger(n));
  if (typeof value === "number") {
    checkValue(caller, argument, value, "an integer ≥ 0", isBound(value));
    return new Array<number>(places).fill(value);
  }
  checkSize(caller, argument, value, places);
  checkEach(caller, argument, value, "an integer ≥ 0", isBound);
  return Array.from(value);
}

const isAmount = (x: number) => x >= 0 && x < Infinity;

function checkVariance(caller: string, variance: ArrayLike<number>): void {
  checkFilled(caller, "variance", variance);
  checkEach(caller, "variance", variance, "finite and ≥ 0", isAmount);
}

/** Refuses a list that has not one entry for each place. */
export function checkSize(caller: string, argument: string, values: ArrayLike<unknown>, places: number): void {
  if (values.length !== places)
    throw new ValueError(`${caller}: ${argument} must have ${places} entries, one a place, got ${values.length}`, {
      argument,
      value: values.length,
    });
}
