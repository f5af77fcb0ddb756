import type { Rng } from "@x/core";
import { symmetricEigen } from "@x/metrics/cluster";
import type { SparseRows } from "./tfidf.js";

/** Row-major `[rows, columns]`. */
interface Dense {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

/**
 * The leading right singular vectors of a sparse matrix A, by a randomised range finder with power iterations:
 *
 *   Q ← orth(A·Ω);  repeat Q ← orth(A·orth(Aᵀ·Q));  B = Aᵀ·Q;  V, σ = principal axes of B
 *
 * Ω is Gaussian with 10 columns more than asked for. A column's sign is such that its entry of largest magnitude is
 * positive. Beyond the rank of A the columns of V are 0.
 *
 * @param rank - the number of vectors; more than min(rows, width) gives columns of 0.
 * @param onPass - awaited between passes over A; may throw to stop.
 * @returns V, row-major `[width, rank]`, and the singular values, falling.
 * @paper 0909.4061 algorithm 4.4
 */
export async function randomizedSvd(
  a: SparseRows,
  rank: number,
  rng: Rng,
  o: { readonly powerIterations?: number; readonly onPass?: () => void | Promise<void> } = {},
): Promise<{ vectors: Float32Array; singularValues: Float64Array }> {
  const sketch = Math.min(rank + 10, a.rows, a.width);
  const omega = dense(a.width, sketch);
  for (let i = 0; i < omega.values.length; i++) omega.values[i] = rng.normal();

  let q = principalAxes(times(a, omega)).basis;
  for (let i = 0; i < (o.powerIterations ?? 7); i++) {
    await o.onPass?.();
    q = principalAxes(times(a, principalAxes(transposeTimes(a, q)).basis)).basis;
  }
  q = principalAxes(q).basis; // takes the rounding of the first away
  const { basis, lengths } = principalAxes(transposeTimes(a, q));

  const vectors = new Float32Array(a.width * rank);
  for (let k = 0; k < Math.min(rank, sketch); k++) {
    let largest = 0;
    for (let i = 0; i < a.width; i++) {
      const v = basis.values[i * sketch + k]!;
      if (Math.abs(v) > Math.abs(largest)) largest = v;
    }
    for (let i = 0; i < a.width; i++) vectors[i * rank + k] = Math.sign(largest) * basis.values[i * sketch + k]!;
  }
  return { vectors, singularValues: Float64Array.from({ length: rank }, (_, k) => lengths[k] ?? 0) };
}

/**
 * XᵀX = W·Λ·Wᵀ;  basis = X·W·Λ^(−1/2), lengths = √Λ falling; directions shorter than 10⁻⁷ of the longest become 0.
 */
function principalAxes(x: Dense): { basis: Dense; lengths: Float64Array } {
  const n = x.columns;
  const { values, vectors } = symmetricEigen(gram(x), n);
  const lengths = Float64Array.from(values, (value) => (value > 1e-14 * values[0]! ? Math.sqrt(value) : 0));
  const basis = dense(x.rows, n);
  for (let r = 0; r < x.rows; r++)
    for (let k = 0; k < n; k++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += x.values[r * n + j]! * vectors[k * n + j]!;
      basis.values[r * n + k] = lengths[k] === 0 ? 0 : sum / lengths[k]!;
    }
  return { basis, lengths };
}

/** A·X, where row i of A weights rows of X. */
function times(a: SparseRows, x: Dense): Dense {
  const out = dense(a.rows, x.columns);
  for (let i = 0; i < a.rows; i++)
    for (let k = a.starts[i]!; k < a.starts[i + 1]!; k++) addRow(out, i, x, a.columns[k]!, a.values[k]!);
  return out;
}

/** Aᵀ·X. */
function transposeTimes(a: SparseRows, x: Dense): Dense {
  const out = dense(a.width, x.columns);
  for (let i = 0; i < a.rows; i++)
    for (let k = a.starts[i]!; k < a.starts[i + 1]!; k++) addRow(out, a.columns[k]!, x, i, a.values[k]!);
  return out;
}

function addRow(out: Dense, to: number, x: Dense, from: number, weight: number): void {
  const n = x.columns;
  for (let j = 0; j < n; j++) out.values[to * n + j]! += weight * x.values[from * n + j]!;
}

/** XᵀX. */
function gram(x: Dense): Float64Array {
  const n = x.columns;
  const out = new Float64Array(n * n);
  for (let r = 0; r < x.rows; r++)
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) out[i * n + j]! += x.values[r * n + i]! * x.values[r * n + j]!;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) out[j * n + i] = out[i * n + j]!;
  return out;
}

function dense(rows: number, columns: number): Dense {
  return { rows, columns, values: new Float64Array(rows * columns) };
}
