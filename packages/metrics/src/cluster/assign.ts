import { checkBetween, checkRows, type Vec } from "../checks.js";
import { forEachRow } from "./distances.js";

/**
 * The nearest centroid of each row; the first of several equally near.
 *
 *   a(r) = argmin_c ‖rows[r] − centroids[c]‖²
 *
 * @param rows - `[n, dim]`, row-major.
 * @param centroids - `[clusters, dim]`, row-major.
 * @returns `[n]`, numbers of centroids.
 * @throws ValueError for a number that is not finite, or a length that is no multiple of `dim`.
 */
export function assign(rows: Vec, centroids: Vec, dim: number): Int32Array {
  const n = checkRows("assign", "rows", rows, dim);
  checkRows("assign", "centroids", centroids, dim);
  const nearest = new Int32Array(n);
  assignNearest(rows, dim, Float64Array.from(centroids), nearest, new Float64Array(n));
  return nearest;
}

/**
 * How much each row belongs to each centroid.
 *
 *   p(c | r) = exp(−‖rows[r] − centroids[c]‖² / τ) / Σ_c′ exp(−‖rows[r] − centroids[c′]‖² / τ)
 *
 * @param rows - `[n, dim]`, row-major.
 * @param centroids - `[clusters, dim]`, row-major.
 * @param temperature - τ > 0, in squared units of the rows; towards 0 the weights become those of `assign`.
 * @returns `[n, clusters]`, row-major; rows sum to 1.
 * @throws ValueError as `assign`, or for a temperature that is not a finite number > 0.
 */
export function softAssign(rows: Vec, centroids: Vec, dim: number, temperature: number): Float32Array {
  const n = checkRows("softAssign", "rows", rows, dim);
  const clusters = checkRows("softAssign", "centroids", centroids, dim);
  checkBetween("softAssign", "temperature", temperature, 0, Infinity);
  const weights = new Float32Array(n * clusters);
  const exponentials = new Float64Array(clusters);
  forEachRow(rows, dim, Float64Array.from(centroids), (row, distances, offset) => {
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < clusters; c++) least = Math.min(least, distances[offset + c]!);
    let sum = 0;
    for (let c = 0; c < clusters; c++) {
      exponentials[c] = Math.exp((least - distances[offset + c]!) / temperature);
      sum += exponentials[c]!;
    }
    for (let c = 0; c < clusters; c++) weights[row * clusters + c] = exponentials[c]! / sum;
  });
  return weights;
}

/** Writes each row's nearest centroid and its squared distance; returns how many rows changed centroid. */
export function assignNearest(
  rows: Vec,
  dim: number,
  centroids: Float64Array,
  nearest: Int32Array,
  nearestDistance: Float64Array,
): number {
  const clusters = centroids.length / dim;
  let changed = 0;
  forEachRow(rows, dim, centroids, (row, distances, offset) => {
    let best = 0;
    for (let c = 1; c < clusters; c++) if (distances[offset + c]! < distances[offset + best]!) best = c;
    if (nearest[row] !== best) changed++;
    nearest[row] = best;
    nearestDistance[row] = distances[offset + best]!;
  });
  return changed;
}
