import type { Rng } from "@x/core";
import { checkInteger, checkValue } from "../checks.js";

/** Arms that pay 0 or 1, of which one at a time is better than the others. */
export interface BernoulliArms {
  readonly arms: number;
  /** The better arm at each step. */
  readonly best: readonly number[];
  /** How much better it is; the others pay with probability ½ − gap/2. */
  readonly gap: number;
}

/**
 * Non-stationary arms: the steps fall into segments of equal length, and in each another arm than before is the best.
 *
 * @param options - `arms` default 5, `segments` default 5, `steps` default 5,000, `gap` in (0, 1] default 0.4.
 */
export function createBernoulliArms(
  rng: Rng,
  options: { readonly arms?: number; readonly segments?: number; readonly steps?: number; readonly gap?: number } = {},
): BernoulliArms {
  const { arms = 5, segments = 5, steps = 5000, gap = 0.4 } = options;
  checkInteger("createBernoulliArms", "arms", arms, 2);
  checkInteger("createBernoulliArms", "segments", segments, 1);
  checkInteger("createBernoulliArms", "steps", steps, segments);
  checkValue("createBernoulliArms", "gap", gap, "in (0, 1]", gap > 0 && gap <= 1);
  const order = [rng.int(arms)];
  for (let i = 1; i < segments; i++) order.push((order[i - 1]! + 1 + rng.int(arms - 1)) % arms);
  return { arms, gap, best: Array.from({ length: steps }, (_, t) => order[Math.floor((t * segments) / steps)]!) };
}

/** The probability with which an arm pays at a step: ½ + gap/2 for the best, ½ − gap/2 for the others. */
export function meanReward({ arms, best, gap }: BernoulliArms, step: number, arm: number): number {
  checkInteger("meanReward", "arm", arm, 0, arms - 1);
  checkInteger("meanReward", "step", step, 0, best.length - 1);
  return best[step] === arm ? 0.5 + gap / 2 : 0.5 - gap / 2;
}

/** Plays an arm: 1 with probability `meanReward`, else 0. */
export function pullArm(world: BernoulliArms, step: number, arm: number, rng: Rng): number {
  return rng.float() < meanReward(world, step, arm) ? 1 : 0;
}
