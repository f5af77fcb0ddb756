import { checkValue } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, BanditOptions } from "./bandit.js";
import { checkLearningRate } from "./checks.js";
import { countArms, createBandit } from "./create-bandit.js";
import { createSelection, type SelectionOptions } from "./selection.js";

/** Options of `createTscl`; `signal` is `reward` by default. */
export interface TsclOptions extends BanditOptions, SelectionOptions {
  /** α in (0, 1]. Default 0.1. */
  readonly learningRate?: number;
  /** Whether forgetting draws practice as progress does: choose by |Q|, not Q. Default true. */
  readonly absolute?: boolean;
}

/**
 * Teacher-student curriculum, the online variant: practise what changes fastest.
 *
 *   Q(k) ← Q(k) + α ((x_k − x'_k) − Q(k)),  x'_k the score of k when it was last told, 0 at first
 *
 * and arms are chosen by |Q|. Defaults: `epsilon-greedy` with ε = 0.1, which has no unit; the published `boltzmann`
 * temperature 0.0004 fits slopes of scores that hardly jitter. With `absolute: false` and `boltzmann` it is also the
 * objective `progress` of the official code of SEC.
 *
 * Differs from the official code: an arm without a result keeps its Q and its last score.
 *
 * @throws ValueError for an option outside its range; ConfigError for one that the method does not use.
 * @paper 1707.00183 section 3.1
 */
export function createTscl(options: TsclOptions, saved?: TeacherState<string>): Bandit {
  const type = "createTscl";
  const K = countArms(type, options);
  const { learningRate: alpha = 0.1, absolute = true } = options;
  checkLearningRate(type, alpha);
  checkValue(type, "absolute", absolute, "true or false", typeof absolute === "boolean");
  const { own, select } = createSelection(type, options, {
    method: "epsilon-greedy",
    temperature: 0.0004,
    epsilon: 0.1,
  });
  const [q, last, size] = [new Float64Array(K), new Float64Array(K), new Float64Array(K)];
  return createBandit({
    type,
    options,
    own: { learningRate: alpha, absolute, ...own },
    signal: "reward",
    saved,
    policy: {
      state: { q, last },
      probabilities(p) {
        for (let k = 0; k < K; k++) size[k] = absolute ? Math.abs(q[k]!) : q[k]!;
        select(size, p);
      },
      values: () => q.slice(),
      learn({ played, counts, sums }) {
        for (const k of played) {
          const score = sums[k]! / counts[k]!;
          q[k]! += alpha * (score - last[k]! - q[k]!);
          last[k] = score;
        }
      },
    },
  });
}
