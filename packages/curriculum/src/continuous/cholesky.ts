/**
 * The lower triangle W of `[dim, dim]` with y = W (x − μ) of unit covariance, from a covariance Σ:
 *
 *   Σ = L Lᵀ,  W = L⁻¹
 *
 * Reads `covariances` and writes `factors` at offset `at`. False when Σ is not positive definite.
 */
export function whiten(covariances: Float64Array, factors: Float64Array, at: number, dim: number): boolean {
  if (!cholesky(covariances, factors, at, dim)) return false;
  for (let j = 0; j < dim; j++) {
    factors[at + j * dim + j] = 1 / factors[at + j * dim + j]!;
    for (let i = j + 1; i < dim; i++) {
      let sum = 0;
      for (let m = j; m < i; m++) sum += factors[at + i * dim + m]! * factors[at + m * dim + j]!;
      factors[at + i * dim + j] = -sum / factors[at + i * dim + i]!;
    }
  }
  return true;
}

/** The lower triangle L with A = L Lᵀ. Only the lower triangle of A is read. False when A is not positive definite. */
export function cholesky(a: Float64Array, l: Float64Array, at: number, dim: number): boolean {
  for (let i = 0; i < dim; i++)
    for (let j = 0; j <= i; j++) {
      let rest = a[at + i * dim + j]!;
      for (let m = 0; m < j; m++) rest -= l[at + i * dim + m]! * l[at + j * dim + m]!;
      if (i === j && !(rest > 0 && rest < Number.POSITIVE_INFINITY)) return false;
      l[at + i * dim + j] = i === j ? Math.sqrt(rest) : rest / l[at + j * dim + j]!;
    }
  return true;
}

/** The W of `whiten` from a precision Λ = Wᵀ W. False when Λ is not positive definite. */
export function whitenPrecision(precisions: Float64Array, factors: Float64Array, at: number, dim: number): boolean {
  for (let i = dim - 1; i >= 0; i--)
    for (let j = i; j >= 0; j--) {
      let rest = precisions[at + i * dim + j]!;
      for (let m = i + 1; m < dim; m++) rest -= factors[at + m * dim + i]! * factors[at + m * dim + j]!;
      if (i === j && !(rest > 0 && rest < Number.POSITIVE_INFINITY)) return false;
      factors[at + i * dim + j] = i === j ? Math.sqrt(rest) : rest / factors[at + i * dim + i]!;
    }
  return true;
}

/** ln |W| − D/2 · ln 2π: the log-density at the mean of the Gaussian that W whitens. */
export function logPeak(factors: Float64Array, at: number, dim: number): number {
  let sum = (-dim / 2) * Math.log(2 * Math.PI);
  for (let i = 0; i < dim; i++) sum += Math.log(factors[at + i * dim + i]!);
  return sum;
}
