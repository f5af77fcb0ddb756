import { checkEach, checkFilled, checkPositive, checkShare, checkValue } from "../checks.js";

/** How scores become probabilities. */
export type ScoreTransform = "rank" | "power" | "softmax" | "max" | "constant";

/** The mixture that levels are replayed from. */
export interface ReplayMixture {
  /** Default `"rank"`. */
  readonly transform?: ScoreTransform;
  /** β: near 0 the best only, without bound all alike; default 0.1 (PLR). */
  readonly temperature?: number;
  /** ρ: share of the draws that go by staleness; default 0.1 (PLR). */
  readonly stalenessCoefficient?: number;
}

/**
 * The probability of replaying each level, by its score S and by how long ago it was drawn.
 *
 *   P = (1 − ρ)·P_S + ρ·P_C
 *   P_S ∝ rank: (1/rankᵢ)^(1/β), ties by index · power: Sᵢ^(1/β) · softmax: exp(Sᵢ/β) · max: 1 at the best · constant: 1
 *   P_C ∝ ageᵢ
 *
 * Weights that are all 0 count as all 1, and so do levels that share the best score under `max`.
 *
 * @param scores - Sᵢ; not negative for `power`.
 * @param ages - draws since level i was drawn last.
 * @throws ValueError for a number outside its domain.
 * @paper 2010.03934 section 3.2
 */
export function replayProbabilities(
  scores: ArrayLike<number>,
  ages: ArrayLike<number>,
  mixture: ReplayMixture = {},
): number[] {
  const caller = "replayProbabilities";
  const { transform, temperature, stalenessCoefficient } = checkMixture(caller, mixture);
  checkFilled(caller, "scores", scores);
  checkValue(caller, "ages", ages.length, `as many as scores (${scores.length})`, ages.length === scores.length);
  const [least, rule] = transform === "power" ? [0, "finite and ≥ 0"] : [-Infinity, "finite"];
  checkEach(caller, "scores", scores, rule, (s) => Number.isFinite(s) && s >= least);
  checkEach(caller, "ages", ages, "finite and ≥ 0", (age) => age >= 0 && age < Infinity);
  return mixStaleness(byScore(Array.from(scores), transform, temperature), Array.from(ages), stalenessCoefficient);
}

/** P_S. */
export function byScore(scores: readonly number[], transform: ScoreTransform, temperature: number): number[] {
  const best = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  switch (transform) {
    case "rank": {
      const weights = new Array<number>(scores.length);
      const order = [...scores.keys()].sort((i, j) => scores[j]! - scores[i]! || i - j);
      order.forEach((i, rank) => {
        weights[i] = (1 / (rank + 1)) ** (1 / temperature);
      });
      return normalised(weights);
    }
    case "power":
      return normalised(scores.map((s) => (best === 0 ? 0 : (s / best) ** (1 / temperature))));
    case "softmax":
      return normalised(scores.map((s) => Math.exp((s - best) / temperature)));
    case "max":
      return normalised(scores.map((s) => (s === best ? 1 : 0)));
    case "constant":
      return normalised(scores.map(() => 1));
  }
}

/** (1 − ρ)·P_S + ρ·P_C. */
export function mixStaleness(scored: readonly number[], ages: readonly number[], rho: number): number[] {
  if (rho === 0) return [...scored];
  const stale = normalised(ages);
  return scored.map((p, i) => (1 - rho) * p + rho * stale[i]!);
}

/** The mixture with its defaults. */
export function checkMixture(caller: string, mixture: ReplayMixture): Required<ReplayMixture> {
  const { transform = "rank", temperature = 0.1, stalenessCoefficient = 0.1 } = mixture;
  const known = ["rank", "power", "softmax", "max", "constant"];
  checkValue(caller, "transform", transform, `one of ${known.join(", ")}`, known.includes(transform));
  checkPositive(caller, "temperature", temperature);
  checkShare(caller, "stalenessCoefficient", stalenessCoefficient);
  return { transform, temperature, stalenessCoefficient };
}

function normalised(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => (total > 0 ? w / total : 1 / weights.length));
}
