import type { Rng } from "@x/core";
import { proportional, shares } from "./box.js";
import { cholesky, logPeak, whiten } from "./cholesky.js";
import { distance } from "./em.js";

/** One Gaussian that a teacher draws tasks from. */
export interface TaskGaussian {
  /** Its learning progress, ≥ 0. */
  readonly progress: number;
  /** `[d]`. */
  readonly mean: readonly number[];
  /** `[d, d]`. */
  readonly covariance: readonly number[];
}

/** Gaussians, each drawn in proportion to its progress. */
export interface TaskMixture {
  readonly gaussians: readonly TaskGaussian[];
  draw(rng: Rng): number[];
  density(task: ArrayLike<number>): number;
}

/**
 * The distribution of tasks that follows learning progress; uniform over the Gaussians when none has any.
 *
 *   p(x) = Σ_c s_c N(x | μ_c, Σ_c),  s_c = progress_c / Σ_c' progress_c'
 *
 * Undefined when a covariance is singular.
 */
export function createTaskMixture(gaussians: readonly TaskGaussian[]): TaskMixture | undefined {
  const weights = gaussians.map(({ progress }) => progress);
  const share = shares(weights);
  const prepared = gaussians.map(({ mean, covariance }) => {
    const dim = mean.length;
    const sigma = Float64Array.from(covariance);
    const root = new Float64Array(dim * dim);
    const whitener = new Float64Array(dim * dim);
    const definite = cholesky(sigma, root, 0, dim) && whiten(sigma, whitener, 0, dim);
    return definite ? { mean: Float64Array.from(mean), root, whitener, peak: logPeak(whitener, 0, dim) } : undefined;
  });
  const parts = prepared.filter((part) => part !== undefined);
  if (parts.length < gaussians.length) return undefined;
  return {
    gaussians,
    draw(rng) {
      const { mean, root } = parts[proportional(weights, rng)]!;
      const noise = Array.from(mean, () => rng.normal());
      return noise.map((_, i) => noise.reduce((x, z, j) => x + root[i * noise.length + j]! * z, mean[i]!));
    },
    density: (task) =>
      parts.reduce((sum, { mean, whitener, peak }, c) => {
        return sum + share[c]! * Math.exp(peak - distance(whitener, 0, mean, 0, task, 0, mean.length) / 2);
      }, 0),
  };
}
