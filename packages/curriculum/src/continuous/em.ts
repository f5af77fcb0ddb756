import { logPeak, whiten } from "./cholesky.js";

/** A mixture of k Gaussians in D dimensions and what EM needs beside it; allocated once a fit. */
export interface Mixture {
  /** `[k]`, sum 1. */
  readonly weights: Float64Array;
  /** `[k, D]`. */
  readonly means: Float64Array;
  /** `[k, D, D]`; only the lower triangles are kept until the fit is done. */
  readonly covariances: Float64Array;
  /** `[k, D, D]`, the lower triangles W with Wᵀ W = Σ⁻¹. */
  readonly factors: Float64Array;
}

export interface EmSettings {
  readonly regCovar: number;
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** How a run of EM ended. */
export interface EmEnd {
  /** Mean over the rows of ln p(x), nats, of the last parameters. */
  readonly meanLogLikelihood: number;
  readonly iterations: number;
  readonly converged: boolean;
}

export function emptyMixture(k: number, dim: number): Mixture {
  return {
    weights: new Float64Array(k),
    means: new Float64Array(k * dim),
    covariances: new Float64Array(k * dim * dim),
    factors: new Float64Array(k * dim * dim),
  };
}

/**
 * Expectation–maximisation from the parameters in `mixture`, in place, until the mean log-likelihood changes by less than
 * `tolerance`. Undefined when a component becomes singular.
 */
export function runEm(
  rows: Float64Array,
  mixture: Mixture,
  responsibilities: Float64Array,
  { regCovar, tolerance, maxIterations }: EmSettings,
): EmEnd | undefined {
  let before = Number.NEGATIVE_INFINITY;
  let iterations = 0;
  let converged = false;
  while (iterations < maxIterations && !converged) {
    const now = expectation(rows, mixture, responsibilities);
    if (!Number.isFinite(now) || !maximisation(rows, responsibilities, mixture, regCovar)) return undefined;
    iterations++;
    converged = Math.abs(now - before) < tolerance;
    before = now;
  }
  const meanLogLikelihood = expectation(rows, mixture, responsibilities);
  return Number.isFinite(meanLogLikelihood) ? { meanLogLikelihood, iterations, converged } : undefined;
}

/**
 * The E-step: responsibilities `[k, n]` and the mean log-likelihood.
 *
 *   r_c(x) = w_c N(x | μ_c, Σ_c) / Σ_c' w_c' N(x | μ_c', Σ_c')
 */
export function expectation(rows: Float64Array, mixture: Mixture, responsibilities: Float64Array): number {
  const { weights, means, factors } = mixture;
  const k = weights.length;
  const dim = means.length / k;
  const n = rows.length / dim;
  for (let c = 0; c < k; c++) {
    const peak = Math.log(weights[c]!) + logPeak(factors, c * dim * dim, dim);
    for (let r = 0; r < n; r++)
      responsibilities[c * n + r] = peak - distance(factors, c * dim * dim, means, c * dim, rows, r * dim, dim) / 2;
  }
  let total = 0;
  for (let r = 0; r < n; r++) {
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = r; at < k * n; at += n) if (responsibilities[at]! > highest) highest = responsibilities[at]!;
    let sum = 0;
    for (let at = r; at < k * n; at += n) {
      const density = Math.exp(responsibilities[at]! - highest);
      responsibilities[at] = density;
      sum += density;
    }
    for (let at = r; at < k * n; at += n) responsibilities[at]! /= sum;
    total += highest + Math.log(sum);
  }
  return total / n;
}

/** |W (x − μ)|². */
export function distance(
  factors: Float64Array,
  w: number,
  means: Float64Array,
  m: number,
  rows: ArrayLike<number>,
  x: number,
  dim: number,
): number {
  let square = 0;
  for (let j = 0; j < dim; j++) {
    let y = 0;
    for (let i = 0; i <= j; i++) y += factors[w + j * dim + i]! * (rows[x + i]! - means[m + i]!);
    square += y * y;
  }
  return square;
}

/**
 * The M-step. False when a covariance is singular.
 *
 *   n_c = Σ r_c(x) + 10 ε,  w_c = n_c / Σ n,  μ_c = Σ r_c(x) x / n_c,  Σ_c = Σ r_c(x) (x − μ_c)(x − μ_c)ᵀ / n_c + regCovar · I
 */
export function maximisation(
  rows: Float64Array,
  responsibilities: Float64Array,
  mixture: Mixture,
  regCovar: number,
): boolean {
  const { weights, means, covariances, factors } = mixture;
  const k = weights.length;
  const dim = means.length / k;
  const n = rows.length / dim;
  means.fill(0);
  covariances.fill(0);
  let total = 0;
  for (let c = 0; c < k; c++) {
    const m = c * dim;
    const s = c * dim * dim;
    let count = 10 * Number.EPSILON;
    for (let r = 0; r < n; r++) {
      const share = responsibilities[c * n + r]!;
      count += share;
      for (let i = 0; i < dim; i++) means[m + i]! += share * rows[r * dim + i]!;
    }
    for (let i = 0; i < dim; i++) means[m + i]! /= count;
    for (let r = 0; r < n; r++) {
      const share = responsibilities[c * n + r]!;
      for (let i = 0; i < dim; i++) {
        const pull = share * (rows[r * dim + i]! - means[m + i]!);
        for (let j = 0; j <= i; j++) covariances[s + i * dim + j]! += pull * (rows[r * dim + j]! - means[m + j]!);
      }
    }
    for (let i = 0; i < dim; i++) {
      for (let j = 0; j <= i; j++) covariances[s + i * dim + j]! /= count;
      covariances[s + i * dim + i]! += regCovar;
    }
    if (!whiten(covariances, factors, s, dim)) return false;
    weights[c] = count;
    total += count;
  }
  for (let c = 0; c < k; c++) weights[c]! /= total;
  return true;
}
