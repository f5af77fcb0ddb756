import type { Rng } from "@x/core";

/**
 * Hard responsibilities `[k, n]` to start EM from: Lloyd's algorithm after k-means++.
 *
 * The first centre is a uniform row, each further one a row drawn in proportion to its squared distance from the nearest
 * centre so far. A cluster that loses its last row keeps its centre.
 */
export function clusterRows(rows: Float64Array, dim: number, k: number, rng: Rng): Float64Array {
  const n = rows.length / dim;
  const centres = startCentres(rows, dim, k, rng);
  const nearest = new Int32Array(n).fill(-1);
  const sums = new Float64Array(k * dim);
  const counts = new Int32Array(k);
  for (let step = 0; step < 100 && assign(rows, dim, centres, nearest); step++) {
    sums.fill(0);
    counts.fill(0);
    for (let r = 0; r < n; r++) {
      const c = nearest[r]!;
      counts[c]!++;
      for (let i = 0; i < dim; i++) sums[c * dim + i]! += rows[r * dim + i]!;
    }
    for (let at = 0; at < k * dim; at++) {
      const count = counts[Math.floor(at / dim)]!;
      if (count > 0) centres[at] = sums[at]! / count;
    }
  }
  const responsibilities = new Float64Array(k * n);
  for (let r = 0; r < n; r++) responsibilities[nearest[r]! * n + r] = 1;
  return responsibilities;
}

function startCentres(rows: Float64Array, dim: number, k: number, rng: Rng): Float64Array {
  const n = rows.length / dim;
  const centres = new Float64Array(k * dim);
  const least = new Float64Array(n).fill(Number.POSITIVE_INFINITY);
  for (let c = 0; c < k; c++) {
    const row = c > 0 && least.some((d) => d > 0) ? rng.categorical(least) : rng.int(n);
    centres.set(rows.subarray(row * dim, (row + 1) * dim), c * dim);
    for (let r = 0; r < n; r++) least[r] = Math.min(least[r]!, squared(rows, r * dim, centres, c * dim, dim));
  }
  return centres;
}

/** Gives every row to its nearest centre; whether any row changed hands. */
function assign(rows: Float64Array, dim: number, centres: Float64Array, nearest: Int32Array): boolean {
  let changed = false;
  for (let r = 0; r < nearest.length; r++) {
    let best = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c * dim < centres.length; c++) {
      const d = squared(rows, r * dim, centres, c * dim, dim);
      if (d < least) {
        least = d;
        best = c;
      }
    }
    if (nearest[r] !== best) changed = true;
    nearest[r] = best;
  }
  return changed;
}

/** The squared distance of the points at offsets `i` and `j`. */
export function squared(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number, dim: number): number {
  let sum = 0;
  for (let at = 0; at < dim; at++) sum += (a[i + at]! - b[j + at]!) ** 2;
  return sum;
}
