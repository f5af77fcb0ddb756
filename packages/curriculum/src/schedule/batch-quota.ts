import { limitsOf } from "../allocate/neyman.js";
import { largestRemainders } from "../allocate/rounding.js";
import { waterFill } from "../allocate/water-fill.js";
import { checkEach, checkFilled, checkInteger } from "../checks.js";

/** The size of a batch and the least and most of it that a category may have. */
export interface BatchQuotaOptions {
  readonly size: number;
  /** Least share of the batch in [0, 1], for all categories or for each; default 0. Rounded up to whole places. */
  readonly min?: number | ArrayLike<number>;
  /** Most; default 1. Rounded down. */
  readonly max?: number | ArrayLike<number>;
}

/**
 * The whole number of places in a batch that each category gets: in proportion to the weights, within the bounds, rounded
 * by largest remainders, so that they sum to the size.
 *
 *   nᵢ = clip(λ·wᵢ, ⌈minᵢ·size⌉, ⌊maxᵢ·size⌋),  Σ nᵢ = size
 *
 * Weights that are 0 get their minimum as long as anybody else can take more.
 *
 * @throws ValueError for an argument outside its domain, and for bounds that the size cannot meet.
 */
export function batchQuota(weights: ArrayLike<number>, { size, min = 0, max = 1 }: BatchQuotaOptions): number[] {
  const caller = "batchQuota";
  checkFilled(caller, "weights", weights);
  checkEach(caller, "weights", weights, "finite and ≥ 0", (w) => w >= 0 && w < Infinity);
  checkInteger(caller, "size", size, 1);
  const places = (argument: string, shares: number | ArrayLike<number>, round: (x: number) => number) => {
    const each = typeof shares === "number" ? new Array<number>(weights.length).fill(shares) : Array.from(shares);
    checkEach(caller, argument, each, "in [0, 1]", (share) => share >= 0 && share <= 1);
    return each.map((share) => round(share * size));
  };
  const bounds = {
    min: places("min", min, (x) => Math.max(0, Math.ceil(x - 1e-9))),
    max: places("max", max, (x) => Math.floor(x + 1e-9)),
  };
  const limits = limitsOf(caller, weights.length, { budget: size, ...bounds }, "size");
  return largestRemainders(waterFill(Array.from(weights), size, limits), size, limits);
}
