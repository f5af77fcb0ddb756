import { createRng } from "@x/core";
import { checkFinite, checkInteger, checkLength, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/** What the test asks: whether the first differs from the second, exceeds it, or falls below it. */
export type Alternative = "two-sided" | "greater" | "less";

/** Result of a paired permutation test. */
export interface PermutationTest {
  /** mean(a) − mean(b). */
  readonly difference: number;
  readonly pValue: number;
  /** Whether all sign flips were counted; otherwise they were drawn. */
  readonly exact: boolean;
  /** Sign flips that were looked at. */
  readonly permutations: number;
}

/**
 * Tests whether two lists measured on the same units differ, by flipping the signs of the differences dᵢ = aᵢ − bᵢ.
 *
 *   n ≤ 20:  p = #{s ∈ {−1, 1}ⁿ : |Σ sᵢdᵢ| ≥ |Σ dᵢ|} / 2ⁿ
 *   n > 20:  p = (b + 1)/(m + 1), b the number of such among m random s
 *
 * Under the null hypothesis every dᵢ is as likely as −dᵢ. With few units p cannot be small: at best 2/2ⁿ two-sided.
 *
 * @param a - one value for each unit.
 * @param b - values of the same units in the same order.
 * @param options - `alternative`: default `two-sided`; `reps`: m, default 10 000; `seed`: default 0.
 * @throws ValueError for empty lists, lists of different lengths, a number that is not finite, or `reps` < 1.
 */
export function pairedPermutation(
  a: Vec,
  b: Vec,
  options: { readonly alternative?: Alternative; readonly reps?: number; readonly seed?: number | string } = {},
): PermutationTest {
  const { alternative = "two-sided", reps = 10_000, seed = 0 } = options;
  checkFinite("pairedPermutation", "a", a);
  checkFinite("pairedPermutation", "b", b);
  checkLength("pairedPermutation", "b", b, "a", a.length);
  checkInteger("pairedPermutation", "reps", reps, 1);

  const differences = Float64Array.from(a, (x, i) => x - b[i]!);
  const n = differences.length;
  const observed = compensatedSum(differences);
  const rounding = 4 * n * Number.EPSILON * compensatedSum(differences.map(Math.abs)); // equal sums must count as equal
  const exact = n <= 20;
  const sums = exact ? allSignedSums(differences) : randomSignedSums(differences, reps, seed);
  let extreme = 0;
  for (const sum of sums) if (asExtreme(sum, observed, alternative, rounding)) extreme++;
  return {
    difference: observed / n,
    pValue: exact ? extreme / sums.length : (extreme + 1) / (sums.length + 1),
    exact,
    permutations: sums.length,
  };
}

function asExtreme(sum: number, observed: number, alternative: Alternative, rounding: number): boolean {
  if (alternative === "greater") return sum >= observed - rounding;
  if (alternative === "less") return sum <= observed + rounding;
  return Math.abs(sum) >= Math.abs(observed) - rounding;
}

/** Σ sᵢdᵢ for all 2ⁿ choices of signs: each difference doubles the list. */
function allSignedSums(differences: Float64Array): Float64Array {
  const sums = new Float64Array(2 ** differences.length);
  let length = 1;
  for (const d of differences) {
    for (let k = 0; k < length; k++) {
      sums[length + k] = sums[k]! - d;
      sums[k]! += d;
    }
    length *= 2;
  }
  return sums;
}

function randomSignedSums(differences: Float64Array, reps: number, seed: number | string): Float64Array {
  const rng = createRng(seed);
  const sums = new Float64Array(reps);
  for (let rep = 0; rep < reps; rep++) {
    let sum = 0;
    let signs = 0;
    for (let i = 0; i < differences.length; i++) {
      if (i % 30 === 0) signs = Math.floor(rng.float() * 2 ** 30); // one draw for thirty signs
      sum += signs & 1 ? differences[i]! : -differences[i]!;
      signs >>= 1;
    }
    sums[rep] = sum;
  }
  return sums;
}
