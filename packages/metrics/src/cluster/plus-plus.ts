import { type Rng, throwIfAborted } from "@x/core";
import type { Vec } from "../checks.js";
import { forEachRow } from "./distances.js";

/**
 * Greedy k-means++: the first centroid is a uniform row; each further one is the best of 2 + ⌊ln k⌋ candidate rows drawn in
 * proportion to their squared distance to the nearest centroid so far, best = least sum of squared distances afterwards.
 *
 * @returns `[clusters, dim]`.
 */
export function plusPlus(rows: Vec, dim: number, clusters: number, rng: Rng, signal?: AbortSignal): Float64Array {
  const n = rows.length / dim;
  const trials = 2 + Math.floor(Math.log(clusters));
  const centroids = new Float64Array(clusters * dim);
  const nearest = new Float64Array(n).fill(Number.POSITIVE_INFINITY);

  for (let c = 0; c < clusters; c++) {
    throwIfAborted(signal);
    const candidates = c === 0 ? [rng.int(n)] : drawRows(nearest, trials, rng);
    const positions = copyRows(rows, dim, candidates);
    const after = candidates.map(() => new Float64Array(n));
    const inertia = new Float64Array(candidates.length);
    forEachRow(rows, dim, positions, (row, distances, offset) => {
      for (let t = 0; t < after.length; t++) {
        const distance = Math.min(nearest[row]!, distances[offset + t]!);
        after[t]![row] = distance;
        inertia[t]! += distance;
      }
    });
    const best = inertia.indexOf(inertia.reduce((a, b) => Math.min(a, b)));
    centroids.set(positions.subarray(best * dim, (best + 1) * dim), c * dim);
    nearest.set(after[best]!);
  }
  return centroids;
}

/** Rows in proportion to `weights`; uniform when all are 0, that is when every row already is a centroid. */
function drawRows(weights: Float64Array, count: number, rng: Rng): number[] {
  const uniform = weights.every((w) => w === 0);
  return Array.from({ length: count }, () => (uniform ? rng.int(weights.length) : rng.categorical(weights)));
}

function copyRows(rows: Vec, dim: number, numbers: readonly number[]): Float64Array {
  const copy = new Float64Array(numbers.length * dim);
  numbers.forEach((row, k) => {
    for (let i = 0; i < dim; i++) copy[k * dim + i] = rows[row * dim + i]!;
  });
  return copy;
}
