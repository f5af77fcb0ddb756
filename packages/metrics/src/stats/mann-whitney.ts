import { checkFinite, type Vec } from "../checks.js";
import { normalCdf } from "./normal.js";
import type { Alternative } from "./permutation.js";

/** Result of a Mann–Whitney test. */
export interface MannWhitney {
  /** Pairs (xᵢ, yⱼ) with xᵢ > yⱼ, ties counted ½. */
  readonly u: number;
  /** u / (n·m): the probability that a random x exceeds a random y. */
  readonly superiority: number;
  readonly pValue: number;
  /** Whether p comes from the exact distribution of u; otherwise from the normal approximation. */
  readonly exact: boolean;
}

/**
 * Tests whether one of two independent samples tends to be larger, by ranks.
 *
 *   U = Σᵢⱼ [xᵢ > yⱼ] + ½[xᵢ = yⱼ]
 *
 * p is exact where no values are equal, one sample has at most 8 values and the number of arrangements is below 2⁵³; else
 * z = (U − nm/2 − ½)/σ with σ² = nm/12 · (N + 1 − Σ(t³ − t)/(N(N − 1))) over groups of t equal values. As SciPy.
 *
 * @param options - `alternative`: default `two-sided`; `greater` asks whether x tends to be larger.
 * @throws ValueError for an empty list or a number that is not finite.
 */
export function mannWhitney(x: Vec, y: Vec, options: { readonly alternative?: Alternative } = {}): MannWhitney {
  const { alternative = "two-sided" } = options;
  checkFinite("mannWhitney", "x", x);
  checkFinite("mannWhitney", "y", y);
  const n = x.length;
  const m = y.length;
  const all = new Float64Array(n + m);
  all.set(Float64Array.from(x));
  all.set(Float64Array.from(y), n);
  const ties = tieGroups(all.sort());
  const u = countAbove(x, y);
  const upper = { greater: u, less: n * m - u, "two-sided": Math.max(u, n * m - u) }[alternative];

  const counts = ties.length === 0 && Math.min(n, m) <= 8 ? arrangements(n, m) : undefined;
  const tail = counts ? exactTail(counts, upper) : normalTail(upper, n, m, ties);
  const pValue = Math.min(1, alternative === "two-sided" ? 2 * tail : tail);
  return { u, superiority: u / (n * m), pValue, exact: counts !== undefined };
}

function countAbove(x: Vec, y: Vec): number {
  const sorted = Float64Array.from(y).sort();
  let pairs = 0;
  for (let i = 0; i < x.length; i++)
    pairs += (insertionPoint(sorted, (v) => v < x[i]!) + insertionPoint(sorted, (v) => v <= x[i]!)) / 2;
  return pairs;
}

/** How many leading values obey a rule that holds up to some point of the list. */
function insertionPoint(sorted: Float64Array, obeys: (value: number) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (obeys(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sizes of the groups of two or more equal values. */
function tieGroups(sorted: Float64Array): number[] {
  const groups: number[] = [];
  for (let start = 0, i = 1; i <= sorted.length; i++) {
    if (sorted[i] === sorted[start]) continue;
    if (i - start > 1) groups.push(i - start);
    start = i;
  }
  return groups;
}

function normalTail(u: number, n: number, m: number, ties: readonly number[]): number {
  const total = n + m;
  const tied = ties.reduce((sum, t) => sum + (t * t * t - t), 0) / (total * (total - 1));
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - tied));
  return normalCdf(-(u - (n * m) / 2 - 0.5) / deviation);
}

function exactTail(counts: Float64Array, u: number): number {
  const all = counts.reduce((a, b) => a + b, 0);
  return counts.subarray(Math.ceil(u)).reduce((a, b) => a + b, 0) / all;
}

/**
 * For each u the number of arrangements of n and m distinct values: coefficients of Πᵢ₌₁ⁿ (1 − q^(m+i))/(1 − qⁱ), n ≤ m.
 * Nothing when there are 2⁵³ or more, where they would not be exact.
 */
function arrangements(n: number, m: number): Float64Array | undefined {
  const few = Math.min(n, m);
  const many = Math.max(n, m);
  let all = 1;
  for (let i = 1; i <= few; i++) all *= (many + i) / i;
  if (all >= 2 ** 53) return undefined;
  const counts = new Float64Array(few * many + 1);
  counts[0] = 1;
  for (let i = 1; i <= few; i++) {
    for (let u = counts.length - 1; u >= many + i; u--) counts[u]! -= counts[u - many - i]!;
    for (let u = i; u < counts.length; u++) counts[u]! += counts[u - i]!;
  }
  return counts;
}
