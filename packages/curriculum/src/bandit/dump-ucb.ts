import { checkInteger, checkPositive, checkValue } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, BanditOptions } from "./bandit.js";
import { checkExploration } from "./checks.js";
import { countArms, createBandit } from "./create-bandit.js";
import { softmax } from "./selection.js";

/** Options of `createDumpUcb`. */
export interface DumpUcbOptions extends BanditOptions {
  /** W, how many results of each arm are remembered. Default 300. */
  readonly window?: number;
  /** c ≥ 0. Default 1. */
  readonly exploration?: number;
  /** τ > 0. Default 0.1. */
  readonly temperature?: number;
  /** Whether n counts all results (the official code), so that the bonus fades away, or those in the window. Default `total`. */
  readonly counts?: "total" | "window";
}

/**
 * DUMP: the mean |A| of an arm's last W results, a bonus for arms seldom drawn, and a softmax over both.
 *
 *   score_k = L_k + c √(2 ln(N + 1) / (n_k + 1)),  N = Σ n
 *   P(k) = exp(score_k/τ) / Σ exp(score_j/τ)
 *
 * `values` are L. Differs from the official code: results are counted, not their rollouts.
 *
 * @throws ValueError for an option outside its range.
 * @paper 2504.09710 section 3
 */
export function createDumpUcb(options: DumpUcbOptions, saved?: TeacherState<string>): Bandit {
  const type = "createDumpUcb";
  const K = countArms(type, options);
  const { window = 300, exploration = 1, temperature = 0.1, counts = "total" } = options;
  checkInteger(type, "window", window, 1, 1e6);
  checkExploration(type, exploration);
  checkPositive(type, "temperature", temperature);
  checkValue(type, "counts", counts, '"total" or "window"', counts === "total" || counts === "window");
  const recent = new Float64Array(K * window); // a ring for each arm
  const [total, gain, score] = [new Float64Array(K), new Float64Array(K), new Float64Array(K)];
  const plays = (k: number) => (counts === "total" ? total[k]! : Math.min(total[k]!, window));
  return createBandit({
    type,
    options,
    own: { window, exploration, temperature, counts },
    saved,
    policy: {
      state: { recent, total, gain },
      probabilities(p) {
        let all = 0;
        for (let k = 0; k < K; k++) all += plays(k);
        for (let k = 0; k < K; k++)
          score[k] = gain[k]! + exploration * Math.sqrt((2 * Math.log(all + 1)) / (plays(k) + 1));
        softmax(score, temperature, p);
      },
      values: () => gain.slice(),
      learn(batch) {
        for (const { arm, signal } of batch.plays) recent[arm * window + (total[arm]!++ % window)] = signal;
        for (const k of batch.played) {
          const kept = Math.min(total[k]!, window);
          let sum = 0;
          for (let i = 0; i < kept; i++) sum += recent[k * window + i]!;
          gain[k] = sum / kept;
        }
      },
    },
  });
}
