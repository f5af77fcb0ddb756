import { checkEach, checkFinite, checkInteger, checkLength, checkValue, type Vec } from "../checks.js";
import { entropy } from "../rl/distribution.js";
import { compensatedSum } from "../sum.js";

/**
 * The entropy of how pulls are spread over arms, in nats: 0 when a single arm is pulled, log K when all are alike. Its
 * exponential is the effective number of arms.
 *
 *   −Σ_a p_a log p_a,  p_a = pulls_a / Σ pulls
 *
 * @param pulls - `[K]`, counts or any weights ≥ 0.
 * @throws ValueError for an empty list, a weight that is negative or not finite, or weights that sum to 0.
 */
export function samplingEntropy(pulls: Vec): number {
  checkWeights("samplingEntropy", "pulls", pulls);
  return entropy(Float64Array.from(pulls, Math.log));
}

/**
 * The share of arms, or cells of a grid, that were visited.
 *
 *   #{a : visits_a ≥ minimum} / K
 *
 * @param visits - `[K]`, counts ≥ 0.
 * @param options - `minimum`: visits that count as covered, default 1.
 * @throws ValueError for an empty list, a count that is negative or not finite, or a minimum < 1.
 */
export function coverage(visits: Vec, options: { readonly minimum?: number } = {}): number {
  const { minimum = 1 } = options;
  checkFinite("coverage", "visits", visits);
  checkEach("coverage", "visits", visits, "≥ 0", (count) => count >= 0);
  checkInteger("coverage", "minimum", minimum, 1);
  return share(visits, minimum);
}

/**
 * The share of tasks that are mastered.
 *
 *   #{task : success rate ≥ threshold} / tasks
 *
 * @param successRates - one in [0, 1] for each task.
 * @param threshold - in (0, 1].
 * @throws ValueError for an empty list, or a rate or threshold outside its range.
 */
export function masteredShare(successRates: Vec, threshold: number): number {
  checkFinite("masteredShare", "successRates", successRates);
  checkEach("masteredShare", "successRates", successRates, "in [0, 1]", (rate) => rate >= 0 && rate <= 1);
  checkValue("masteredShare", "threshold", threshold, "in (0, 1]", threshold > 0 && threshold <= 1);
  return share(successRates, threshold);
}

/**
 * The Jensen–Shannon distance between two distributions over arms, a metric in [0, √log 2]: between consecutive ones of a
 * curriculum, how fast it moves.
 *
 *   √(½ KL(p ‖ m) + ½ KL(q ‖ m)),  m = (p + q)/2, in nats
 *
 * @param p - `[K]`, counts or any weights ≥ 0; scaled to sum to 1.
 * @param q - `[K]`, likewise.
 * @throws ValueError as `samplingEntropy`, or for different lengths.
 */
export function jensenShannonDistance(p: Vec, q: Vec): number {
  const pTotal = checkWeights("jensenShannonDistance", "p", p);
  const qTotal = checkWeights("jensenShannonDistance", "q", q);
  checkLength("jensenShannonDistance", "q", q, "p", p.length);
  const terms = Float64Array.from(p, (weight, a) => {
    const [pa, qa] = [weight / pTotal, q[a]! / qTotal];
    const m = (pa + qa) / 2;
    return (pa > 0 ? pa * Math.log(pa / m) : 0) + (qa > 0 ? qa * Math.log(qa / m) : 0);
  });
  return Math.sqrt(Math.max(0, compensatedSum(terms)) / 2);
}

function share(values: Vec, least: number): number {
  return Array.from(values).filter((value) => value >= least).length / values.length;
}

/** Refuses what is no list of weights. Returns their sum. */
function checkWeights(caller: string, argument: string, weights: Vec): number {
  checkFinite(caller, argument, weights);
  checkEach(caller, argument, weights, "≥ 0", (weight) => weight >= 0);
  const total = compensatedSum(weights);
  checkValue(caller, argument, total, "more than 0 in all", total > 0);
  return total;
}
