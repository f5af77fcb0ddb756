import { checkEach, checkFilled } from "../checks.js";

/**
 * How mixed the rewards of a prompt's G rollouts are: their unbiased variance as a share of the largest that G rewards
 * in [0, 1] can have. 1 where half succeed, 0 where all do or none does, and for a single rollout.
 *
 *   σ² = Σ (r − r̄)² / (G − 1),   σ²/σ²max,   σ²max = ⌊G/2⌋·⌈G/2⌉ / (G·(G − 1))
 *
 * With s successes σ² = s·(G − s) / (G·(G − 1)); σ²max is G / (4·(G − 1)) for even G and (G + 1) / (4·G) for odd G.
 *
 * @throws ValueError for an empty list and a reward outside [0, 1].
 * @paper 2509.19803 section 3
 */
export function groupVariance(rewards: ArrayLike<number>): number {
  checkFilled("groupVariance", "rewards", rewards);
  checkEach("groupVariance", "rewards", rewards, "in [0, 1]", (r) => r >= 0 && r <= 1);
  const r = Array.from(rewards);
  const G = r.length;
  if (G === 1) return 0;
  const mean = r.reduce((sum, x) => sum + x, 0) / G;
  const squares = r.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return (squares * G) / (Math.floor(G / 2) * Math.ceil(G / 2));
}
