import { createRng, type Rng, ValueError } from "@x/core";
import { checkEach, checkFilled, checkInteger, checkValue } from "../checks.js";
import { whitenPrecision } from "./cholesky.js";
import { clusterRows } from "./clusters.js";
import { type EmSettings, emptyMixture, type Mixture, maximisation, runEm } from "./em.js";

/** A fitted mixture of k Gaussians with full covariances in D dimensions. */
export interface GaussianMixture {
  /** `[k]`, sum 1. */
  readonly weights: Float64Array;
  /** `[k, D]`. */
  readonly means: Float64Array;
  /** `[k, D, D]`. */
  readonly covariances: Float64Array;
  /** Σ ln p(x) over the rows, nats. */
  readonly logLikelihood: number;
  /** p = k (D (D + 1) / 2 + D + 1) − 1. */
  readonly parameterCount: number;
  /** 2 p − 2 ln L; less is better. */
  readonly aic: number;
  /** p ln n − 2 ln L; less is better. */
  readonly bic: number;
  /** EM steps of the returned start. */
  readonly iterations: number;
  /** Whether they ended by `tolerance`, not by `maxIterations`. */
  readonly converged: boolean;
}

/** Where EM starts when it does not look for a start itself. */
export interface InitialMixture {
  /** `[k]`. */
  readonly weights: ArrayLike<number>;
  /** `[k, D]`. */
  readonly means: ArrayLike<number>;
  /** `[k, D, D]`, the inverse covariances. */
  readonly precisions: ArrayLike<number>;
}

/** Options of `fitGaussianMixture`; the defaults are scikit-learn's. */
export type GaussianMixtureOptions = {
  /** Added to the diagonals of the covariances. Default 1e-6. */
  readonly regCovar?: number;
  /** Stops when the mean log-likelihood changes by less. Default 1e-3. */
  readonly tolerance?: number;
  /** Limit of EM steps. Default 100. */
  readonly maxIterations?: number;
} & (
  | {
      /** Number of Gaussians k, at most the number of rows. */
      readonly components: number;
      readonly seed: number | string;
      /** Independent starts, of which the likeliest is returned. Default 1. */
      readonly restarts?: number;
    }
  | { readonly initial: InitialMixture }
);

/**
 * Fits a mixture of Gaussians by expectation–maximisation.
 *
 *   p(x) = Σ_c w_c N(x | μ_c, Σ_c),  maximises Σ_x ln p(x)
 *
 * Starts from k-means clusters of the rows, or from `initial`. From the same `initial` the steps are those of scikit-learn's
 * `GaussianMixture`, to rounding.
 *
 * @param rows - `[n, dim]`, row-major.
 * @throws ValueError for an option outside its range, a number that is not finite, fewer rows than components, and when a
 * component becomes singular in every start (more `regCovar` helps).
 */
export function fitGaussianMixture(
  rows: ArrayLike<number>,
  dim: number,
  options: GaussianMixtureOptions,
): GaussianMixture {
  const caller = "fitGaussianMixture";
  const { regCovar = 1e-6, tolerance = 1e-3, maxIterations = 100 } = options;
  checkInteger(caller, "dim", dim, 1);
  checkFilled(caller, "rows", rows);
  checkEach(caller, "rows", rows, "finite", Number.isFinite);
  checkValue(caller, "rows.length", rows.length, `a multiple of dim = ${dim}`, rows.length % dim === 0);
  checkValue(caller, "regCovar", regCovar, "finite and ≥ 0", regCovar >= 0 && regCovar < Infinity);
  checkValue(caller, "tolerance", tolerance, "≥ 0", tolerance >= 0);
  checkInteger(caller, "maxIterations", maxIterations, 1);
  const data = Float64Array.from(rows);
  const settings = { regCovar, tolerance, maxIterations };
  if ("initial" in options) {
    const start = startFrom(options.initial, dim, data.length / dim);
    return fitted(fitFrom(data, start, undefined, settings));
  }
  const { components, seed, restarts = 1 } = options;
  checkComponents("components", components, data.length / dim);
  checkInteger(caller, "restarts", restarts, 1);
  const rng = createRng(seed);
  let best: GaussianMixture | undefined;
  for (let restart = 0; restart < restarts; restart++) {
    const found = fitClusters(data, dim, components, rng.split(`start ${restart}`), settings);
    if (best === undefined || (found !== undefined && found.logLikelihood > best.logLikelihood)) best = found;
  }
  return fitted(best);
}

/** EM from k-means clusters; undefined when a component becomes singular. */
export function fitClusters(
  rows: Float64Array,
  dim: number,
  k: number,
  rng: Rng,
  settings: EmSettings = { regCovar: 1e-6, tolerance: 1e-3, maxIterations: 100 },
): GaussianMixture | undefined {
  const responsibilities = clusterRows(rows, dim, k, rng);
  const mixture = emptyMixture(k, dim);
  if (!maximisation(rows, responsibilities, mixture, settings.regCovar)) return undefined;
  return fitFrom(rows, mixture, responsibilities, settings);
}

function fitFrom(
  rows: Float64Array,
  mixture: Mixture,
  scratch: Float64Array | undefined,
  settings: EmSettings,
): GaussianMixture | undefined {
  const { weights, means, covariances } = mixture;
  const k = weights.length;
  const dim = means.length / k;
  const n = rows.length / dim;
  const end = runEm(rows, mixture, scratch ?? new Float64Array(k * n), settings);
  if (end === undefined) return undefined;
  for (let c = 0; c < k; c++)
    for (let i = 0; i < dim; i++)
      for (let j = 0; j < i; j++) covariances[(c * dim + j) * dim + i] = covariances[(c * dim + i) * dim + j]!;
  const { iterations, converged } = end;
  const logLikelihood = n * end.meanLogLikelihood;
  const parameterCount = k * ((dim * (dim + 1)) / 2 + dim + 1) - 1;
  const aic = 2 * parameterCount - 2 * logLikelihood;
  const bic = parameterCount * Math.log(n) - 2 * logLikelihood;
  return { weights, means, covariances, logLikelihood, parameterCount, aic, bic, iterations, converged };
}

function startFrom({ weights, means, precisions }: InitialMixture, dim: number, n: number): Mixture {
  const caller = "fitGaussianMixture";
  const k = weights.length;
  checkComponents("initial.weights.length", k, n);
  checkEach(caller, "initial.weights", weights, "finite and > 0", (w) => w > 0 && w < Infinity);
  for (const [name, values, length] of [
    ["initial.means", means, k * dim],
    ["initial.precisions", precisions, k * dim * dim],
  ] as const) {
    checkValue(caller, `${name}.length`, values.length, `${length}`, values.length === length);
    checkEach(caller, name, values, "finite", Number.isFinite);
  }
  const start = emptyMixture(k, dim);
  start.weights.set(weights);
  start.means.set(means);
  const matrices = Float64Array.from(precisions);
  for (let c = 0; c < k; c++) {
    const definite = whitenPrecision(matrices, start.factors, c * dim * dim, dim);
    checkValue(caller, "initial.precisions", matrices[c * dim * dim], "positive definite matrices", definite, c);
  }
  return start;
}

function checkComponents(argument: string, k: number, n: number): void {
  checkInteger("fitGaussianMixture", argument, k, 1, n);
}

function fitted(mixture: GaussianMixture | undefined): GaussianMixture {
  if (mixture !== undefined) return mixture;
  throw new ValueError(
    "fitGaussianMixture: rows must not make a component singular, which more regCovar or fewer components avoid",
    { argument: "rows", value: undefined },
  );
}
