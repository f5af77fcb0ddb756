import { ValueError } from "@x/core";
import { checkInteger, checkRows, type Vec } from "../checks.js";

/** Eigenvalues and eigenvectors of a symmetric matrix. */
export interface SymmetricEigen {
  /** `[n]`, descending. */
  readonly values: Float64Array;
  /** `[n, n]`, row-major: **row** i is the unit eigenvector of `values[i]`, its largest entry positive. */
  readonly vectors: Float64Array;
}

/**
 * Solves the eigenproblem of a small symmetric matrix by cyclic Jacobi rotations.
 *
 *   A vᵢ = λᵢ vᵢ,  vᵢ · vⱼ = [i = j]
 *
 * Each rotation makes one off-diagonal entry 0; sweeps repeat until what is left off the diagonal is rounding error.
 * About ten sweeps of 3n³ multiplications: for n up to a few hundred.
 *
 * @param matrix - `[n, n]`, symmetric up to 1e-6 of its largest entry (rounding of float32 products is forgiven).
 * @throws ValueError for a matrix that is not n × n, not finite or not symmetric.
 */
export function symmetricEigen(matrix: Vec, n: number): SymmetricEigen {
  const a = checkedSymmetric(matrix, n);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;

  const total = a.reduce((sum, x) => sum + x * x, 0);
  const negligible = (n * Number.EPSILON) ** 2 * total;
  for (let sweep = 0; sweep < 50 && offDiagonal(a, n) > negligible; sweep++)
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);

  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const values = Float64Array.from(order, (i) => a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((i, row) => {
    const vector = v.subarray(i * n, (i + 1) * n);
    const largest = vector.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best));
    for (let k = 0; k < n; k++) vectors[row * n + k] = largest < 0 ? -vector[k]! : vector[k]!;
  });
  return { values, vectors };
}

/** A ← JᵀAJ and V ← JᵀV with the rotation J of the plane (p, q) for which a(p, q) becomes 0. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const app = a[p * n + p]!;
  const aqq = a[q * n + q]!;
  const theta = (aqq - app) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1)); // tan of the smaller angle
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  rotateRows(a, n, p, q, c, s);
  rotateRows(v, n, p, q, c, s);
  for (let k = 0; k < n; k++) {
    a[k * n + p] = a[p * n + k]!;
    a[k * n + q] = a[q * n + k]!;
  }
  a[p * n + p] = app - t * apq;
  a[q * n + q] = aqq + t * apq;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
}

function rotateRows(m: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0; k < n; k++) {
    const x = m[p * n + k]!;
    const y = m[q * n + k]!;
    m[p * n + k] = c * x - s * y;
    m[q * n + k] = s * x + c * y;
  }
}

function offDiagonal(a: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) if (i !== j) sum += a[i * n + j]! ** 2;
  return sum;
}

/** The mean of the matrix and its transpose. */
function checkedSymmetric(matrix: Vec, n: number): Float64Array {
  checkInteger("symmetricEigen", "n", n, 1);
  const rows = checkRows("symmetricEigen", "matrix", matrix, n);
  if (rows !== n)
    throw new ValueError(`symmetricEigen: matrix must hold n² = ${n * n} numbers, got ${matrix.length}`, {
      argument: "matrix",
      value: matrix.length,
    });
  let largest = 0;
  for (let k = 0; k < n * n; k++) largest = Math.max(largest, Math.abs(matrix[k]!));
  return Float64Array.from({ length: n * n }, (_, k) => {
    const mirrored = matrix[(k % n) * n + Math.floor(k / n)]!;
    if (Math.abs(matrix[k]! - mirrored) > 1e-6 * largest)
      throw new ValueError(
        `symmetricEigen: matrix must be symmetric, got ${matrix[k]} at (${Math.floor(k / n)}, ${k % n}) and ${mirrored} mirrored`,
        { argument: "matrix", index: k, value: matrix[k] },
      );
    return (matrix[k]! + mirrored) / 2;
  });
}
