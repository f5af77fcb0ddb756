import { ValueError } from "@x/core";
import { checkInteger, checkRows, type Vec } from "../checks.js";
import { symmetricEigen } from "./eigen.js";

/** The principal components of a data set. */
export interface Pca {
  readonly dim: number;
  /** `[dim]`, subtracted before projecting. */
  readonly mean: Float64Array;
  /** `[components, dim]`, row-major, orthonormal rows by descending variance, the largest entry of each positive. */
  readonly components: Float64Array;
  /** `[components]`, variance along each (divisor n − 1). */
  readonly explainedVariance: Float64Array;
  /** `[components]`, the same as shares of the variance of all columns. 0 when that is 0. */
  readonly explainedVarianceRatio: Float64Array;
}

/**
 * Principal component analysis: the eigenvectors of the covariance matrix.
 *
 *   C = Σ_r (x_r − x̄)(x_r − x̄)ᵀ / (n − 1),  C wᵢ = λᵢ wᵢ,  λ₁ ≥ λ₂ ≥ …
 *
 * Not whitened. Signs are scikit-learn's. Cost grows with dim³.
 *
 * @param rows - `[n, dim]`, row-major, n ≥ 2.
 * @param options - `components`: how many to keep, 1 … dim; default all.
 * @throws ValueError for fewer than two rows, a number that is not finite, or `components` outside 1 … dim.
 */
export function pca(rows: Vec, dim: number, options: { readonly components?: number } = {}): Pca {
  const n = checkRows("pca", "rows", rows, dim);
  const { components = dim } = options;
  checkInteger("pca", "components", components, 1, dim);
  if (n < 2) throw new ValueError(`pca: rows must be at least 2, got ${n}`, { argument: "rows", value: n });

  const mean = new Float64Array(dim);
  for (let r = 0; r < n; r++) for (let i = 0; i < dim; i++) mean[i]! += rows[r * dim + i]! / n;
  const covariance = covarianceMatrix(rows, dim, mean);
  const { values, vectors } = symmetricEigen(covariance, dim);
  let total = 0;
  for (let i = 0; i < dim; i++) total += covariance[i * dim + i]!;
  const explainedVariance = values.slice(0, components).map((value) => Math.max(value, 0));
  return {
    dim,
    mean,
    components: vectors.slice(0, components * dim),
    explainedVariance,
    explainedVarianceRatio: explainedVariance.map((value) => (total > 0 ? value / total : 0)),
  };
}

/**
 * The coordinates of rows along principal components.
 *
 *   y(r, i) = (x_r − x̄) · wᵢ
 *
 * @param rows - `[n, dim]`, row-major.
 * @returns `[n, components]`, row-major.
 * @throws ValueError for a number that is not finite, or a length that is no multiple of `model.dim`.
 */
export function projectPca(rows: Vec, model: Pca): Float64Array {
  const { dim, mean, components } = model;
  const n = checkRows("projectPca", "rows", rows, dim);
  const count = components.length / dim;
  const projected = new Float64Array(n * count);
  for (let r = 0; r < n; r++)
    for (let c = 0; c < count; c++) {
      let sum = 0;
      for (let i = 0; i < dim; i++) sum += (rows[r * dim + i]! - mean[i]!) * components[c * dim + i]!;
      projected[r * count + c] = sum;
    }
  return projected;
}

function covarianceMatrix(rows: Vec, dim: number, mean: Float64Array): Float64Array {
  const n = rows.length / dim;
  const centred = new Float64Array(dim);
  const covariance = new Float64Array(dim * dim);
  for (let r = 0; r < n; r++) {
    for (let i = 0; i < dim; i++) centred[i] = rows[r * dim + i]! - mean[i]!;
    for (let i = 0; i < dim; i++)
      for (let j = 0; j <= i; j++) covariance[i * dim + j]! += (centred[i]! * centred[j]!) / (n - 1);
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) covariance[j * dim + i] = covariance[i * dim + j]!;
  return covariance;
}
