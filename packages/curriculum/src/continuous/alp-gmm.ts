import { checkInteger } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import { createProgressHistory, type ProgressHistoryState } from "./absolute-learning-progress.js";
import type { ContinuousTeacher } from "./box.js";
import { createMixtureTeacher, type MixtureDiagnostics, type MixtureTeacherOptions } from "./mixture-teacher.js";

/** Options of `createAlpGmm`. */
export interface AlpGmmOptions extends MixtureTeacherOptions {
  /** How many of the latest results a new one is compared with, at least 6. Default all, which `toJSON` then writes. */
  readonly maxHistory?: number;
}

/**
 * ALP-GMM: draws tasks from where rewards change most, for better or worse.
 *
 *   ALP = |reward − reward of the nearest task told before|
 *   every `fitRate` results: mixtures of Gaussians over (task, ALP) of these results, the best by `criterion`
 *   p(task) = randomRatio / volume + (1 − randomRatio) Σ_c ALP_c / Σ ALP · N(task | μ_c, Σ_c)
 *
 * ALP_c is the ALP of the mean of Gaussian c. Until the first fit tasks are uniform. Scale rewards to about [0, 1], so that
 * they weigh as much as a side of the box.
 *
 * A ticket's `probability` is the density p at its task. What `bounds` does to tasks outside the box is not in it: under
 * `clip` it is exact inside the box, and the border holds the rest.
 *
 * Differs from the official code (flowersteam/teachDeepRL, alp_gmm.py): `normalize`, and AICc counts the parameters of all
 * d + 1 dimensions.
 *
 * @param saved - state of `toJSON`, to go on from.
 * @throws ValueError for a box or an option outside its range.
 * @throws StateError for state of another teacher or other options.
 * @paper 1910.07224 algorithm ALP-GMM
 */
export function createAlpGmm(
  options: AlpGmmOptions,
  saved?: TeacherState<number[]>,
): ContinuousTeacher<MixtureDiagnostics> {
  const { maxHistory, ...shared } = options;
  if (maxHistory !== undefined) checkInteger("createAlpGmm", "maxHistory", maxHistory, 6);
  const dim = options.box.low.length;
  const limit = maxHistory ?? Infinity;
  let history = createProgressHistory(dim, limit);
  const model = {
    type: "createAlpGmm",
    options: maxHistory === undefined ? {} : { maxHistory },
    columns: 1,
    columnsOf: (task: readonly number[], reward: number) => [history.add(task, reward)],
    progress: (mean: Float64Array) => mean[dim]!,
    save: () => history.save(),
    load(data: unknown) {
      history = createProgressHistory(dim, limit, data as ProgressHistoryState);
    },
  };
  return createMixtureTeacher(model, shared, saved);
}
