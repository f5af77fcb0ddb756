import { checkFilled, checkValue } from "../checks.js";
import { numberTokens, type Tokens } from "./tokens.js";

/** What one edit costs, ≥ 0. */
export interface EditCosts {
  /** Default 1. */
  readonly insertion?: number;
  /** Default 1. */
  readonly deletion?: number;
  /** Default 1. With 2, and 1 for the others, the distance is |a| + |b| − 2·(length of the longest common subsequence). */
  readonly substitution?: number;
}

/**
 * The least cost of edits that turn one sequence into another (Levenshtein 1966; Wagner & Fischer 1974).
 *
 *   D(i, j) = min(D(i−1, j) + deletion, D(i, j−1) + insertion, D(i−1, j−1) + [aᵢ ≠ bⱼ]·substitution)
 *
 * @param a - a text, taken as its code points, or tokens.
 * @param b - the same.
 * @param options - `costs`: default 1 each. `normalise`: divides by max(|a|, |b|), so that unit costs give 0 … 1 and two
 *   empty sequences 0; default false. `limit`: larger distances (before normalising) are given as Infinity, and only the
 *   band of D in which smaller ones can lie is computed (Ukkonen 1985); default Infinity.
 * @throws ValueError for an id, cost or limit that is NaN, a cost that is negative or infinite, or a negative limit.
 */
export function editDistance(
  a: string | Tokens,
  b: string | Tokens,
  options: { readonly costs?: EditCosts; readonly normalise?: boolean; readonly limit?: number } = {},
): number {
  const { costs = {}, normalise = false, limit = Infinity } = options;
  checkValue("editDistance", "limit", limit, "≥ 0", limit >= 0);
  const [left, right] = numberBoth("editDistance", ["a", a], ["b", b]);
  const distance = alignmentCost("editDistance", left, right, costs, limit);
  return normalise ? distance / Math.max(left.length, right.length, 1) : distance;
}

/**
 * The edit distance from reference to candidate per token of the reference: the word error rate when tokens are words.
 *
 *   D(reference, candidate) / |reference|
 *
 * It exceeds 1 where the candidate is long and wrong. For a corpus divide total by total (`bootstrapRatio` of `/stats` over
 * the distances and lengths), since a mean of rates weighs short references too much.
 *
 * @throws ValueError for an empty reference or an id that is not finite.
 */
export function tokenErrorRate(reference: string | Tokens, candidate: string | Tokens): number {
  checkFilled("tokenErrorRate", "reference", reference);
  const [left, right] = numberBoth("tokenErrorRate", ["reference", reference], ["candidate", candidate]);
  return alignmentCost("tokenErrorRate", left, right) / left.length;
}

type Named = readonly [argument: string, sequence: string | Tokens];

/** The tokens of both sequences as numbers, equal for equal tokens. */
export function numberBoth(caller: string, a: Named, b: Named): [Int32Array, Int32Array] {
  const numbersOf = numberTokens(caller);
  const of = ([argument, sequence]: Named) =>
    numbersOf(argument, typeof sequence === "string" ? Array.from(sequence) : sequence);
  return [of(a), of(b)];
}

/** D(|a|, |b|) by rows, of which two are held. Infinity when it exceeds the limit. */
export function alignmentCost(
  caller: string,
  a: Int32Array,
  b: Int32Array,
  costs: EditCosts = {},
  limit = Infinity,
): number {
  const { insertion = 1, deletion = 1, substitution = 1 } = costs;
  for (const [name, cost] of Object.entries({ insertion, deletion, substitution }))
    checkValue(caller, `costs.${name}`, cost, "finite and ≥ 0", cost >= 0 && cost < Infinity);

  // A path through D(i, j) holds at least j − i insertions, or i − j deletions.
  const right = limit / insertion >= 0 ? Math.ceil(limit / insertion) : Infinity; // 0/0: any number of free edits
  const left = limit / deletion >= 0 ? Math.ceil(limit / deletion) : Infinity;
  let above = new Float64Array(b.length + 1).fill(Infinity);
  let row = new Float64Array(b.length + 1).fill(Infinity);
  for (let j = 0; j <= Math.min(b.length, right); j++) above[j] = j * insertion;
  for (let i = 1; i <= a.length; i++) {
    const first = Math.max(1, i - left);
    const last = Math.min(b.length, i + right);
    row[first - 1] = first === 1 && i <= left ? i * deletion : Infinity;
    for (let j = first; j <= last; j++)
      row[j] = Math.min(
        above[j]! + deletion,
        row[j - 1]! + insertion,
        above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : substitution),
      );
    if (last < b.length) row[last + 1] = Infinity; // the next row looks one to the right
    [above, row] = [row, above];
  }
  const cost = above[b.length]!;
  return Math.abs(a.length - b.length) <= (a.length > b.length ? left : right) && cost <= limit ? cost : Infinity;
}
