import type { TeacherState } from "../teacher/teacher.js";
import type { ContinuousTeacher } from "./box.js";
import { createMixtureTeacher, type MixtureDiagnostics, type MixtureTeacherOptions } from "./mixture-teacher.js";

/** Options of `createCovarGmm`. */
export interface CovarGmmOptions extends MixtureTeacherOptions {
  /** Whether falling rewards count as much as rising ones. Default false. */
  readonly absolute?: boolean;
}

/**
 * Covar-GMM: draws tasks from where rewards rise with time.
 *
 *   every `fitRate` results: mixtures of Gaussians over (task, time, reward), time = 0 … 1 within these results
 *   p(task) = randomRatio / volume + (1 − randomRatio) Σ_c s_c N(task | μ_c, Σ_c),  s_c ∝ max(0, cov_c(time, reward))
 *
 * with |cov| when `absolute`. Everything else is as in `createAlpGmm`.
 *
 * @param saved - state of `toJSON`, to go on from.
 * @throws ValueError for a box or an option outside its range.
 * @throws StateError for state of another teacher or other options.
 * @paper 1910.07224 algorithm Covar-GMM
 */
export function createCovarGmm(
  options: CovarGmmOptions,
  saved?: TeacherState<number[]>,
): ContinuousTeacher<MixtureDiagnostics> {
  const { absolute = false, ...shared } = options;
  const model = {
    type: "createCovarGmm",
    options: { absolute },
    columns: 2,
    columnsOf: (_task: readonly number[], reward: number, time: number) => [time, reward],
    progress(_mean: Float64Array, covariance: Float64Array, dim: number) {
      const slope = covariance[dim * dim - 2]!;
      return absolute ? Math.abs(slope) : Math.max(0, slope);
    },
    save: () => null,
    load() {},
  };
  return createMixtureTeacher(model, shared, saved);
}
