import type { Rng } from "@x/core";
import { checkFilled, checkInteger, checkShare, checkValue } from "../checks.js";
import { createTeacher, type Draw } from "../teacher/create-teacher.js";
import type { Diagnostics, TeacherState } from "../teacher/teacher.js";
import {
  type Box,
  type ContinuousOptions,
  type ContinuousTeacher,
  checkBox,
  checkRewards,
  clip,
  contains,
  sides,
  uniform,
  volume,
} from "./box.js";
import { fitClusters, type GaussianMixture } from "./gaussian-mixture.js";
import { createTaskMixture, type TaskGaussian, type TaskMixture } from "./task-mixture.js";

/** Options of the teachers that draw from a mixture of Gaussians. */
export interface MixtureTeacherOptions extends ContinuousOptions {
  /** Results between two fits; every fit sees those since the last. Default 250. */
  readonly fitRate?: number;
  /** Numbers of Gaussians to try; those above `fitRate` are left out. Default 2 … 10. */
  readonly components?: readonly number[];
  /** Which of them wins: the one with the least AIC, BIC or AIC corrected for few rows. Default `aic`. */
  readonly criterion?: "aic" | "bic" | "aicc";
  /** Share of tasks drawn uniformly once there is a mixture. Default 0.2. */
  readonly randomRatio?: number;
  /** Whether every side of the box counts as 1 for distances and clusters. Default true; the official code has false. */
  readonly normalize?: boolean;
  /** What becomes of a task outside the box: moved to its border, or drawn again, up to 20 times before. Default `clip`. */
  readonly bounds?: "clip" | "reject";
}

/** What a teacher with a mixture can say about itself. */
export interface MixtureDiagnostics extends Diagnostics {
  /** The Gaussians that tasks are drawn from, in coordinates of the box; empty before the first fit. */
  readonly gaussians: readonly TaskGaussian[];
  /** Fits in which every number of components became singular; the Gaussians before were kept. */
  readonly failedFits: number;
}

/** How a method sees progress: the columns that stand beside the task, and what they say of a Gaussian. */
export interface ProgressModel {
  readonly type: string;
  /** JSON options beyond those of all. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly columns: number;
  /** The columns of a result; `time` is its place in [0, 1) between two fits. */
  columnsOf(task: readonly number[], reward: number, time: number): readonly number[];
  /** Learning progress ≥ 0 of a Gaussian over (task, columns), of `dim` dimensions in all. */
  progress(mean: Float64Array, covariance: Float64Array, dim: number): number;
  save(): unknown;
  load(data: unknown): void;
}

interface MixtureData {
  /** Rows since the last fit. */
  readonly rows: readonly number[];
  readonly gaussians: readonly TaskGaussian[];
  readonly failedFits: number;
  readonly model: unknown;
}

const tries = 20;

const defaults = {
  fitRate: 250,
  components: [2, 3, 4, 5, 6, 7, 8, 9, 10],
  criterion: "aic",
  randomRatio: 0.2,
  normalize: true,
  bounds: "clip",
} as const satisfies Partial<MixtureTeacherOptions>;

type Settings = Required<Omit<MixtureTeacherOptions, keyof ContinuousOptions>>;

function check(type: string, box: Box, options: Settings): void {
  const { fitRate, components, criterion, randomRatio, bounds } = options;
  checkBox(type, box);
  checkInteger(type, "fitRate", fitRate, 1);
  checkFilled(type, "components", components);
  for (const [index, k] of components.entries()) checkInteger(type, "components", k, 1, Infinity, index);
  checkValue(type, "criterion", criterion, "aic, bic or aicc", ["aic", "bic", "aicc"].includes(criterion));
  checkShare(type, "randomRatio", randomRatio);
  checkValue(type, "bounds", bounds, "clip or reject", ["clip", "reject"].includes(bounds));
}

/** A teacher that fits Gaussians to what it was told and draws from those with progress. */
export function createMixtureTeacher(
  model: ProgressModel,
  given: MixtureTeacherOptions,
  saved: TeacherState<number[]> | undefined,
): ContinuousTeacher<MixtureDiagnostics> {
  const { box, seed, signal = "reward", ...rest } = given;
  const options: Settings = { ...defaults, ...rest };
  const { fitRate, components, criterion, randomRatio, normalize, bounds } = options;
  check(model.type, box, options);

  const side = normalize ? sides(box) : box.low.map(() => 1);
  const origin = normalize ? box.low : box.low.map(() => 0);
  const dim = side.length + model.columns;
  const rows = new Float64Array(fitRate * dim);
  let filled = 0;
  let mixture: TaskMixture | undefined;
  let failedFits = 0;

  /** A task, and the density inside the box that it was drawn with. */
  function draw(rng: Rng): Draw<number[]> {
    const flat = 1 / volume(box);
    if (mixture === undefined) return { task: uniform(box, rng), probability: flat };
    const task = rng.float() < randomRatio ? uniform(box, rng) : drawInside(mixture, rng);
    return { task, probability: randomRatio * flat + (1 - randomRatio) * mixture.density(task) };
  }

  function drawInside(from: TaskMixture, rng: Rng): number[] {
    let task = from.draw(rng);
    for (let i = 1; bounds === "reject" && i < tries && !contains(box, task); i++) task = from.draw(rng);
    return clip(box, task);
  }

  /** The Gaussians of the best fit, put back into coordinates of the box. */
  function refit(rng: Rng): TaskMixture | undefined {
    let best: GaussianMixture | undefined;
    for (const k of components) {
      const found = k <= fitRate ? fitClusters(rows, dim, k, rng.split(`fit ${k}`)) : undefined;
      if (found && score(found) < (best === undefined ? Infinity : score(best))) best = found;
    }
    return best && createTaskMixture(taskGaussians(best));
  }

  function score({ aic, bic, parameterCount: p }: GaussianMixture): number {
    if (criterion !== "aicc") return criterion === "aic" ? aic : bic;
    return fitRate > p + 1 ? aic + (2 * p * (p + 1)) / (fitRate - p - 1) : Infinity;
  }

  function taskGaussians({ weights, means, covariances }: GaussianMixture): TaskGaussian[] {
    return Array.from(weights, (_, c) => {
      const mean = means.subarray(c * dim, (c + 1) * dim);
      const covariance = covariances.subarray(c * dim * dim, (c + 1) * dim * dim);
      return {
        progress: model.progress(mean, covariance, dim),
        mean: side.map((length, i) => origin[i]! + length * mean[i]!),
        covariance: side.flatMap((a, i) => side.map((b, j) => a * b * covariance[i * dim + j]!)),
      };
    });
  }

  const teacher = createTeacher<number[]>({
    type: model.type,
    seed,
    options: { box, ...options, ...model.options },
    signal,
    saved,
    method: {
      draw: (n, rng) => Array.from({ length: n }, () => draw(rng)),
      check: (told) => checkRewards(model.type, told),
      learn(told, rng) {
        for (const { ticket, signal: reward } of told) {
          const task = ticket.task.map((x, i) => (x - origin[i]!) / side[i]!);
          rows.set([...task, ...model.columnsOf(task, reward, filled / fitRate)], filled * dim);
          if (++filled < fitRate) continue;
          filled = 0;
          const found = refit(rng);
          if (found === undefined) failedFits++;
          mixture = found ?? mixture;
        }
      },
      save: (): MixtureData => ({
        rows: Array.from(rows.subarray(0, filled * dim)),
        gaussians: mixture?.gaussians ?? [],
        failedFits,
        model: model.save(),
      }),
      load(data) {
        const from = data as MixtureData;
        rows.set(from.rows);
        filled = from.rows.length / dim;
        mixture = from.gaussians.length > 0 ? createTaskMixture(from.gaussians) : undefined;
        failedFits = from.failedFits;
        model.load(from.model);
      },
    },
  });
  return {
    ...teacher,
    get diagnostics(): MixtureDiagnostics {
      return { ...teacher.diagnostics, gaussians: mixture?.gaussians ?? [], failedFits };
    },
  };
}
