import { checkEach, checkFilled, checkValue } from "../checks.js";

/**
 * How much better an episode went than its values said, as an estimate of regret.
 *
 *   (1/T)·Σₜ max(Âₜ, 0)
 *
 * @param advantages - generalised advantage estimates Âₜ = Σₖ (γλ)ᵏ δₜ₊ₖ of one episode, δₜ = rₜ + γVₜ₊₁ − Vₜ.
 * @throws ValueError for an empty list and a number that is not finite.
 * @paper 2110.02439 positive value loss
 */
export function positiveValueLoss(advantages: ArrayLike<number>): number {
  return meanOf("positiveValueLoss", "advantages", advantages, (a) => Math.max(a, 0));
}

/**
 * How wrong the values of an episode were.
 *
 *   (1/T)·Σₜ |Âₜ|
 *
 * @param advantages - generalised advantage estimates of one episode.
 * @throws ValueError for an empty list and a number that is not finite.
 * @paper 2010.03934 section 3.1
 */
export function absoluteValueLoss(advantages: ArrayLike<number>): number {
  return meanOf("absoluteValueLoss", "advantages", advantages, Math.abs);
}

/**
 * MaxMC: how far the values of an episode stay behind the best return ever had on its level, as an estimate of regret.
 *
 *   (1/T)·Σₜ (R_max − Vₜ)
 *
 * @throws ValueError for an empty list and a number that is not finite.
 * @paper 2110.02439 maximum Monte Carlo
 */
export function maxMonteCarlo(maxReturn: number, values: ArrayLike<number>): number {
  checkValue("maxMonteCarlo", "maxReturn", maxReturn, "finite", Number.isFinite(maxReturn));
  return meanOf("maxMonteCarlo", "values", values, (v) => maxReturn - v);
}

/**
 * How much there is to learn from a level that is sometimes solved: p·(1 − p), most (¼) at p = ½.
 *
 * @param rewards - of rollouts on the level, each in [0, 1] (1 = solved); p is their mean.
 * @throws ValueError for an empty list and a reward outside [0, 1].
 * @paper 2408.15099 section 4
 */
export function learnability(rewards: ArrayLike<number>): number {
  checkEach("learnability", "rewards", rewards, "in [0, 1]", (r) => r >= 0 && r <= 1);
  const p = meanOf("learnability", "rewards", rewards, (r) => r);
  return p * (1 - p);
}

function meanOf(caller: string, argument: string, values: ArrayLike<number>, of: (x: number) => number): number {
  checkFilled(caller, argument, values);
  checkEach(caller, argument, values, "finite", Number.isFinite);
  return Array.from(values, of).reduce((sum, x) => sum + x, 0) / values.length;
}
