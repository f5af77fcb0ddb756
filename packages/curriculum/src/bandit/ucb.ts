import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, UnitBanditOptions } from "./bandit.js";
import { checkDiscount, checkExploration } from "./checks.js";
import { countArms, createBandit } from "./create-bandit.js";
import { epsilonGreedy } from "./selection.js";

/** Options of `createUcb1`. */
export interface Ucb1Options extends UnitBanditOptions {
  /** c ≥ 0. Default √2. */
  readonly exploration?: number;
}

/** Options of `createDiscountedUcb`. */
export interface DiscountedUcbOptions extends UnitBanditOptions {
  /** γ in (0, 1]: what a result is worth after another tell. Default 0.99. */
  readonly discount?: number;
  /** ξ ≥ 0. Default 0.6. */
  readonly exploration?: number;
}

/**
 * Optimism about what is little known, for arms that do not change.
 *
 *   k = argmax S_k/N_k + c √(ln t / N_k),  t = Σ N
 *
 * S_k and N_k are the sum and the number of the signals of k; arms without any come first, equal ones alike. Open tickets
 * count as plays that gave the mean, so that a batch does not fall on one arm; told or cancelled they cease to.
 *
 * @throws ValueError for an option outside its range.
 */
export function createUcb1(options: Ucb1Options, saved?: TeacherState<string>): Bandit {
  const { exploration = Math.SQRT2 } = options;
  return createDiscounting("createUcb1", options, 1, exploration, exploration ** 2, { exploration }, saved);
}

/**
 * UCB whose memory fades with every tell.
 *
 *   N_k ← γ N_k, S_k ← γ S_k, then the new results;  k = argmax S_k/N_k + 2 √(ξ ln t / N_k),  t = Σ N
 *
 * With γ = 1 it is `createUcb1` of c = 2√ξ. Open tickets as there.
 *
 * @throws ValueError for an option outside its range.
 * @paper 0805.3415 section 2
 */
export function createDiscountedUcb(options: DiscountedUcbOptions, saved?: TeacherState<string>): Bandit {
  const { discount = 0.99, exploration = 0.6 } = options;
  const own = { discount, exploration };
  return createDiscounting("createDiscountedUcb", options, discount, exploration, 4 * exploration, own, saved);
}

function createDiscounting(
  type: string,
  options: UnitBanditOptions,
  discount: number,
  exploration: number,
  scale: number,
  own: Readonly<Record<string, unknown>>,
  saved: TeacherState<string> | undefined,
): Bandit {
  const K = countArms(type, options);
  checkDiscount(type, discount);
  checkExploration(type, exploration);
  const [n, s] = [new Float64Array(K), new Float64Array(K)];
  return createBandit({
    type,
    options,
    own,
    unit: true,
    saved,
    policy: {
      state: { n, s },
      countsOpen: true,
      probabilities: (p, open) => mostPromising(n, s, scale, open, p),
      values: () => s.map((sum, k) => (n[k]! > 0 ? sum / n[k]! : 0)),
      learn({ played, counts, sums }) {
        if (discount < 1)
          for (let k = 0; k < K; k++) {
            n[k]! *= discount;
            s[k]! *= discount;
          }
        for (const k of played) {
          n[k]! += counts[k]!;
          s[k]! += sums[k]!;
        }
      },
    },
  });
}

/** p = 1 for the arm of the largest S_k/N_k + √(scale · ln t / (N_k + open_k)), t = Σ (N + open); equal ones share it. */
export function mostPromising(
  n: Float64Array,
  s: Float64Array,
  scale: number,
  open: Float64Array,
  p: Float64Array,
): void {
  let t = 0;
  for (let k = 0; k < p.length; k++) t += n[k]! + open[k]!;
  const bonus = scale * Math.log(t);
  for (let k = 0; k < p.length; k++) {
    const plays = n[k]! + open[k]!;
    const mean = n[k]! > 0 ? s[k]! / n[k]! : 0;
    p[k] = plays > 0 ? mean + Math.sqrt(bonus / plays) : Infinity;
  }
  epsilonGreedy(p, 0, p);
}
