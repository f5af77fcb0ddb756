import { checkBetween, checkInteger } from "../checks.js";
import { betaQuantile } from "./beta.js";
import type { Estimate } from "./interval.js";
import { normalQuantile } from "./normal.js";

/**
 * Wilson's score interval of a success rate: close to its level also for few trials and for rates near 0 or 1.
 *
 *   (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n),  p̂ = successes/n,  z = Φ⁻¹((1 + level)/2)
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError for counts that are no integers, no trials, more successes than trials, or a level outside (0, 1).
 */
export function wilson(successes: number, trials: number, options: { readonly level?: number } = {}): Estimate {
  const level = checkedLevel("wilson", successes, trials, options);
  const point = successes / trials;
  const z = -normalQuantile((1 - level) / 2);
  const shrink = 1 + (z * z) / trials;
  const centre = (point + (z * z) / (2 * trials)) / shrink;
  const half = (z * Math.sqrt((point * (1 - point)) / trials + (z * z) / (4 * trials * trials))) / shrink;
  return {
    point,
    low: successes === 0 ? 0 : centre - half,
    high: successes === trials ? 1 : centre + half,
    level,
  };
}

/**
 * The exact interval of a success rate (Clopper & Pearson): its level is guaranteed, so it is wider than Wilson's.
 *
 *   P(X ≥ successes | low) = P(X ≤ successes | high) = (1 − level)/2,  X binomial
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError as `wilson`.
 */
export function clopperPearson(successes: number, trials: number, options: { readonly level?: number } = {}): Estimate {
  const level = checkedLevel("clopperPearson", successes, trials, options);
  const alpha = (1 - level) / 2;
  const failures = trials - successes;
  return {
    point: successes / trials,
    low: successes === 0 ? 0 : betaQuantile(alpha, successes, failures + 1),
    high: failures === 0 ? 1 : 1 - betaQuantile(alpha, failures, successes + 1),
    level,
  };
}

function checkedLevel(caller: string, successes: number, trials: number, options: { readonly level?: number }): number {
  const { level = 0.95 } = options;
  checkInteger(caller, "trials", trials, 1);
  checkInteger(caller, "successes", successes, 0, trials);
  checkBetween(caller, "level", level, 0, 1);
  return level;
}
