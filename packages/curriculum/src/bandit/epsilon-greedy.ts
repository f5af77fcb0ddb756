import { checkShare } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, BanditOptions } from "./bandit.js";
import { checkLearningRate } from "./checks.js";
import { countArms, createBandit } from "./create-bandit.js";
import { epsilonGreedy } from "./selection.js";

/** Options of `createEpsilonGreedy`. */
export interface EpsilonGreedyOptions extends Omit<BanditOptions, "epsilonUniform"> {
  /** ε in [0, 1], the share of draws that fall on all arms alike. Default 0.1. */
  readonly epsilon?: number;
  /** α in (0, 1] of a constant step, or `average` for the mean of all results, which never forgets. Default 0.1. */
  readonly learningRate?: number | "average";
}

/**
 * Mostly the arm of the largest value, equal ones alike; now and then any.
 *
 *   Q(k) ← Q(k) + α (x_k − Q(k)),  x_k the mean signal of k in the batch;  `average`: Q(k) = the mean of all signals of k
 *
 * @throws ValueError for an option outside its range.
 */
export function createEpsilonGreedy(options: EpsilonGreedyOptions, saved?: TeacherState<string>): Bandit {
  const type = "createEpsilonGreedy";
  const K = countArms(type, options);
  const { learningRate: alpha = 0.1, epsilon = 0.1 } = options;
  if (alpha !== "average") checkLearningRate(type, alpha);
  checkShare(type, "epsilon", epsilon);
  const q = new Float64Array(K);
  const n = new Float64Array(K);
  return createBandit({
    type,
    options: { ...options, epsilonUniform: 0 },
    own: { learningRate: alpha, epsilon },
    saved,
    policy: {
      state: { q, n },
      probabilities: (p) => epsilonGreedy(q, epsilon, p),
      values: () => q.slice(),
      learn({ played, counts, sums }) {
        for (const k of played) {
          n[k]! += counts[k]!;
          q[k]! +=
            alpha === "average" ? (sums[k]! - counts[k]! * q[k]!) / n[k]! : alpha * (sums[k]! / counts[k]! - q[k]!);
        }
      },
    },
  });
}
