import { checkEach, checkValue } from "../checks.js";
import type { Regret } from "./bandit.js";

/**
 * Sums what known means make of the draws: Σₜ μ_k(t) for every arm k, Σₜ max_k μ_k(t) and Σₜ μ_{aₜ}(t).
 */
export function createRegret(K: number, means: (ticket: number) => ArrayLike<number>) {
  const single = new Float64Array(K);
  const oracle = new Float64Array(1);
  const gained = new Float64Array(1);
  return {
    state: { single, oracle, gained },
    /** Refuses means that are not one finite number for each arm. */
    check(caller: string, ticket: number): void {
      const mu = means(ticket);
      checkValue(caller, "means", mu?.length, `one number for each of ${K} arms`, mu?.length === K);
      checkEach(caller, "means", mu, "finite", Number.isFinite);
    },
    add(ticket: number, arm: number): void {
      const mu = means(ticket);
      let best = -Infinity;
      for (let k = 0; k < K; k++) {
        single[k]! += mu[k]!;
        best = Math.max(best, mu[k]!);
      }
      oracle[0]! += best;
      gained[0]! += mu[arm]!;
    },
    value: (): Regret => ({ pseudo: Math.max(...single) - gained[0]!, dynamic: oracle[0]! - gained[0]! }),
  };
}
