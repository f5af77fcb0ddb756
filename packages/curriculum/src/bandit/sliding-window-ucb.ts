import { checkInteger } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, UnitBanditOptions } from "./bandit.js";
import { checkExploration } from "./checks.js";
import { countArms, createBandit } from "./create-bandit.js";
import { mostPromising } from "./ucb.js";

/** Options of `createSlidingWindowUcb`. */
export interface SlidingWindowUcbOptions extends UnitBanditOptions {
  /** τ, how many results are remembered, of all arms together. Default 400. */
  readonly window?: number;
  /** ξ ≥ 0. Default 0.6. */
  readonly exploration?: number;
}

/**
 * UCB that remembers the last τ results.
 *
 *   k = argmax S_k/N_k + √(ξ ln min(t, τ) / N_k),  sums and counts over the last τ results
 *
 * An arm that has left the window comes first again. With τ no less than the number of plays it is `createUcb1` of
 * c = √ξ. Open tickets as there.
 *
 * @throws ValueError for an option outside its range.
 * @paper 0805.3415 section 2
 */
export function createSlidingWindowUcb(options: SlidingWindowUcbOptions, saved?: TeacherState<string>): Bandit {
  const type = "createSlidingWindowUcb";
  const K = countArms(type, options);
  const { window = 400, exploration = 0.6 } = options;
  checkInteger(type, "window", window, 1, 1e7);
  checkExploration(type, exploration);
  const [n, s] = [new Float64Array(K), new Float64Array(K)];
  const [arms, signals] = [new Float64Array(window), new Float64Array(window)]; // a ring, the next result goes to `total`
  const total = new Float64Array(1);
  return createBandit({
    type,
    options,
    own: { window, exploration },
    unit: true,
    saved,
    policy: {
      state: { n, s, arms, signals, total },
      countsOpen: true,
      probabilities: (p, open) => mostPromising(n, s, exploration, open, p),
      values: () => s.map((sum, k) => (n[k]! > 0 ? sum / n[k]! : 0)),
      learn({ plays }) {
        for (const { arm, signal } of plays) {
          const at = total[0]!++ % window;
          if (total[0]! > window) {
            const oldest = arms[at]!;
            n[oldest]!--;
            s[oldest] = n[oldest] === 0 ? 0 : s[oldest]! - signals[at]!;
          }
          arms[at] = arm;
          signals[at] = signal;
          n[arm]!++;
          s[arm]! += signal;
        }
      },
    },
  });
}
