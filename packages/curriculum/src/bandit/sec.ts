import { checkValue } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, BanditOptions } from "./bandit.js";
import { checkLearningRate } from "./checks.js";
import { countArms, createBandit } from "./create-bandit.js";
import { createSelection, type SelectionOptions } from "./selection.js";

/** Options of `createSec`. */
export interface SecOptions extends BanditOptions, SelectionOptions {
  /** α in (0, 1]. Default 0.5, which is meant for means over a batch; for single plays take 0.05. */
  readonly learningRate?: number;
  /** Q₀. Default 0. */
  readonly initialValue?: number;
  /** What a tell does to arms without a result: nothing (the paper), or a step towards 0 (the official code). Default `keep`. */
  readonly unobserved?: "keep" | "decay";
}

/**
 * Self-evolving curriculum: every category keeps a running mean of |A|, its learning gain, and is drawn by it.
 *
 *   Q(c) ← (1 − α) Q(c) + α x_c,  x_c the mean signal of c in the batch
 *   P(c) = exp(Q(c)/τ) / Σ exp(Q(c')/τ)
 *
 * Defaults: `boltzmann` with τ = 1 (the paper also has 0.4 and 0.2). With more arms than tickets in a batch, take
 * `epsilonUniform` 0.05, or arms once found useless are never looked at again. The code's objective `progress` is
 * `createTscl` with `absolute: false`, `method: "boltzmann"`.
 *
 * Differs from the official code: the maximum is subtracted before exp; exploration of `epsilon-greedy` includes the
 * greedy arm; probabilities are those of the method in use.
 *
 * @throws ValueError for an option outside its range; ConfigError for one that the method does not use.
 * @paper 2505.14970 section 3.1
 */
export function createSec(options: SecOptions, saved?: TeacherState<string>): Bandit {
  const type = "createSec";
  const K = countArms(type, options);
  const { learningRate: alpha = 0.5, initialValue = 0, unobserved = "keep" } = options;
  checkLearningRate(type, alpha);
  checkValue(type, "initialValue", initialValue, "in [-1e100, 1e100]", Math.abs(initialValue) <= 1e100);
  checkValue(type, "unobserved", unobserved, '"keep" or "decay"', unobserved === "keep" || unobserved === "decay");
  const { own, select } = createSelection(type, options, { method: "boltzmann", temperature: 1, epsilon: 0.1 });
  const q = new Float64Array(K).fill(initialValue);
  return createBandit({
    type,
    options,
    own: { learningRate: alpha, initialValue, unobserved, ...own },
    saved,
    policy: {
      state: { q },
      probabilities: (p) => select(q, p),
      values: () => q.slice(),
      learn({ played, counts, sums }) {
        if (unobserved === "decay") for (let k = 0; k < K; k++) if (counts[k] === 0) q[k]! *= 1 - alpha;
        for (const k of played) q[k] = (1 - alpha) * q[k]! + alpha * (sums[k]! / counts[k]!);
      },
    },
  });
}
