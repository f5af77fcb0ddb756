import type { Vec } from "../checks.js";

/** Rows whose distances are held at a time: few enough to stay in cache, enough to reuse each centroid. */
const blockRows = 32;

/**
 * Visits the rows in order with their squared distances to every centroid.
 *
 *   d(r, c) = Σᵢ (rows[r, i] − centroids[c, i])²
 *
 * The differences are squared as they are (no ‖x‖² − 2x·c + ‖c‖²), so a row that equals a centroid has distance 0.
 *
 * @param rows - `[n, dim]`, row-major.
 * @param centroids - `[clusters, dim]`, row-major.
 * @param visit - finds the row's distances in `distances[offset … offset + clusters − 1]`, valid during the call.
 */
export function forEachRow(
  rows: Vec,
  dim: number,
  centroids: Float64Array,
  visit: (row: number, distances: Float64Array, offset: number) => void,
): void {
  const n = rows.length / dim;
  const clusters = centroids.length / dim;
  const block = new Float64Array(Math.min(blockRows, n) * dim);
  const distances = new Float64Array(Math.min(blockRows, n) * clusters);
  for (let first = 0; first < n; first += blockRows) {
    const count = Math.min(blockRows, n - first);
    for (let i = 0; i < count * dim; i++) block[i] = rows[first * dim + i]!;
    blockDistances(block, count, dim, centroids, distances);
    for (let r = 0; r < count; r++) visit(first + r, distances, r * clusters);
  }
}

/** Four centroids at a time, so that each number of a row is read once for the four. */
function blockDistances(
  block: Float64Array,
  count: number,
  dim: number,
  centroids: Float64Array,
  out: Float64Array,
): void {
  const clusters = centroids.length / dim;
  const last = clusters - 1;
  for (let c0 = 0; c0 < clusters; c0 += 4) {
    const c1 = Math.min(c0 + 1, last); // beyond the end the last centroid is computed again
    const c2 = Math.min(c0 + 2, last);
    const c3 = Math.min(c0 + 3, last);
    for (let r = 0; r < count; r++) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let i = 0; i < dim; i++) {
        const x = block[r * dim + i]!;
        const d0 = x - centroids[c0 * dim + i]!;
        const d1 = x - centroids[c1 * dim + i]!;
        const d2 = x - centroids[c2 * dim + i]!;
        const d3 = x - centroids[c3 * dim + i]!;
        s0 += d0 * d0;
        s1 += d1 * d1;
        s2 += d2 * d2;
        s3 += d3 * d3;
      }
      out[r * clusters + c0] = s0;
      out[r * clusters + c1] = s1;
      out[r * clusters + c2] = s2;
      out[r * clusters + c3] = s3;
    }
  }
}
