import { checkEach, checkFilled, checkFinite, checkInteger, checkLength, checkValue, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/**
 * Network evaluations of each sequence: a batched call counts one for every sequence in it.
 *
 *   nfe_b = #{call : b ∈ call}
 *
 * So the figure does not depend on how sequences were batched; the number of calls does.
 *
 * @param calls - for each call the indices of the sequences that it advanced.
 * @param sequences - B.
 * @returns `[B]`.
 * @throws ValueError for an index that is no sequence or appears twice in a call, or for fewer than one sequence.
 */
export function nfe(calls: readonly Vec[], sequences: number): Int32Array {
  checkInteger("nfe", "sequences", sequences, 1);
  const counts = new Int32Array(sequences);
  const lastCall = new Int32Array(sequences).fill(-1);
  calls.forEach((call, c) => {
    for (let i = 0; i < call.length; i++) {
      const b = call[i]!;
      const holds = Number.isInteger(b) && b >= 0 && b < sequences && lastCall[b] !== c;
      checkValue("nfe", `calls[${c}]`, b, `an index in 0 … ${sequences - 1}, named once`, holds, i);
      lastCall[b] = c;
      counts[b]!++;
    }
  });
  return counts;
}

/**
 * Tokens generated per network evaluation: 1 for plain autoregression, more for a decoder that works in parallel.
 *
 *   Σ generated / Σ nfe
 *
 * A ratio of totals; the mean of the ratios would let short sequences count too much.
 * `bootstrapRatio({ sums: generated, counts: nfe })` of `/stats` gives it an interval.
 *
 * @param generated - `[B]`, tokens generated for each sequence.
 * @param evaluations - `[B]`, its network evaluations.
 * @throws ValueError for empty lists, lists of different lengths, a count that is no integer ≥ 0, or no evaluation at all.
 */
export function tokensPerForward(generated: Vec, evaluations: Vec): number {
  const isCount = (count: number) => Number.isSafeInteger(count) && count >= 0;
  checkFilled("tokensPerForward", "generated", generated);
  checkLength("tokensPerForward", "evaluations", evaluations, "generated", generated.length);
  checkEach("tokensPerForward", "generated", generated, "an integer ≥ 0", isCount);
  checkEach("tokensPerForward", "evaluations", evaluations, "an integer ≥ 0", isCount);
  const total = compensatedSum(evaluations);
  checkValue("tokensPerForward", "evaluations", total, "more than 0 in all", total > 0);
  return compensatedSum(generated) / total;
}

/** What a decoder reached with one setting: the score at a cost in network evaluations. */
export interface OperatingPoint {
  readonly nfe: number;
  readonly score: number;
}

/**
 * The best score that a budget of network evaluations pays for. Nothing is interpolated: between two settings there is
 * none that was tried.
 *
 *   max {score : nfe ≤ budget}
 *
 * @param points - settings of one decoder, in any order.
 * @param budget - network evaluations per sequence.
 * @returns NaN where no setting is cheap enough.
 * @throws ValueError for no points, a number that is not finite, or evaluations or a budget ≤ 0.
 */
export function scoreAtBudget(points: readonly OperatingPoint[], budget: number): number {
  checkPoints("scoreAtBudget", points);
  checkBudget("scoreAtBudget", "budget", budget);
  return affordable(points, budget);
}

/**
 * The mean of `scoreAtBudget` over a range of budgets, where doubling the budget counts the same everywhere.
 *
 *   ∫ scoreAtBudget(b) d log b / (log to − log from),  over b from `from` to `to`
 *
 * @param points - settings of one decoder, in any order.
 * @param options - `from`, `to`: the range in network evaluations per sequence, the same for all that is compared.
 * @returns a score; NaN where even the cheapest setting costs more than `from`.
 * @throws ValueError as `scoreAtBudget`, or for `to` ≤ `from`.
 */
export function areaUnderBudgetCurve(
  points: readonly OperatingPoint[],
  options: { readonly from: number; readonly to: number },
): number {
  const { from, to } = options;
  checkPoints("areaUnderBudgetCurve", points);
  checkBudget("areaUnderBudgetCurve", "from", from);
  checkBudget("areaUnderBudgetCurve", "to", to);
  checkValue("areaUnderBudgetCurve", "to", to, `> from (${from})`, to > from);
  const inside = points.map((point) => point.nfe).filter((cost) => cost > from && cost < to);
  const steps = Float64Array.of(from, ...inside, to).sort();
  const areas = steps.subarray(1).map((end, i) => affordable(points, steps[i]!) * Math.log(end / steps[i]!));
  return compensatedSum(areas) / Math.log(to / from);
}

function affordable(points: readonly OperatingPoint[], budget: number): number {
  let best = Number.NaN;
  for (const { nfe, score } of points) if (nfe <= budget && !(score <= best)) best = score;
  return best;
}

function checkPoints(caller: string, points: readonly OperatingPoint[]): void {
  checkFilled(caller, "points", points);
  checkFinite(
    caller,
    "points.score",
    points.map((point) => point.score),
  );
  checkEach(
    caller,
    "points.nfe",
    points.map((point) => point.nfe),
    "finite and > 0",
    (cost) => cost > 0 && cost < Infinity,
  );
}

function checkBudget(caller: string, argument: string, budget: number): void {
  checkValue(caller, argument, budget, "finite and > 0", budget > 0 && budget < Infinity);
}
