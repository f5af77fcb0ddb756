import { createRng, throwIfAborted, ValueError } from "@x/core";
import { checkInteger, checkRows, type Vec } from "../checks.js";
import { assignNearest } from "./assign.js";
import { plusPlus } from "./plus-plus.js";

/** Options of `kMeans`. */
export interface KMeansOptions {
  /** Number of clusters k, at most the number of rows. */
  readonly clusters: number;
  /** Seed of the starting centroids. */
  readonly seed: number | string;
  /** Independent starts, of which the one with the least inertia is returned. Default 1. */
  readonly restarts?: number;
  /** Limit of Lloyd steps for each start. Default 100. */
  readonly maxIterations?: number;
  /** Stops when the squared movement of all centroids is ≤ tolerance × mean variance of the columns. Default 1e-4. */
  readonly tolerance?: number;
  /** Checked before every starting centroid and every Lloyd step. */
  readonly signal?: AbortSignal;
}

/** A clustering; `assignments`, `counts` and `inertia` are those of exactly these centroids. */
export interface KMeans {
  /** `[clusters, dim]`, row-major. */
  readonly centroids: Float32Array;
  readonly dim: number;
  /** `[clusters]`, rows in each cluster. 0 where there are fewer distinct rows than clusters. */
  readonly counts: Int32Array;
  /** Sum of the squared distances of the rows to their centroids. */
  readonly inertia: number;
  /** Lloyd steps of the returned start. */
  readonly iterations: number;
  /** `[n]`, the cluster of each row. */
  readonly assignments: Int32Array;
}

/**
 * Clusters rows by Lloyd's algorithm from greedy k-means++ starts.
 *
 *   minimises Σ_r min_c ‖rows[r] − centroids[c]‖²
 *
 * A cluster that loses its last row gets the row that is farthest from its centroid. Arithmetic is in float64.
 *
 * @param rows - `[n, dim]`, row-major.
 * @throws ValueError when there are fewer rows than clusters, for a number that is not finite, or an option outside its range.
 * @throws AbortedError when the signal fires.
 */
export function kMeans(rows: Vec, dim: number, options: KMeansOptions): KMeans {
  const { clusters, seed, restarts = 1, maxIterations = 100, tolerance = 1e-4, signal } = options;
  const n = checkRows("kMeans", "rows", rows, dim);
  checkInteger("kMeans", "clusters", clusters, 1);
  checkInteger("kMeans", "restarts", restarts, 1);
  checkInteger("kMeans", "maxIterations", maxIterations, 1);
  if (n < clusters)
    throw new ValueError(`kMeans: fewer rows than clusters: rows must be ≥ clusters = ${clusters}, got ${n} rows`, {
      argument: "clusters",
      value: clusters,
    });
  if (!(tolerance >= 0))
    throw new ValueError(`kMeans: tolerance must be ≥ 0, got ${tolerance}`, {
      argument: "tolerance",
      value: tolerance,
    });

  const rng = createRng(seed);
  const least = tolerance * meanVariance(rows, dim);
  const start = (restart: number) =>
    lloyd(
      rows,
      dim,
      plusPlus(rows, dim, clusters, rng.split(`start ${restart}`), signal),
      maxIterations,
      least,
      signal,
    );
  let best = start(0);
  for (let restart = 1; restart < restarts; restart++) {
    const found = start(restart);
    if (found.inertia < best.inertia) best = found;
  }
  return best;
}

/** Alternates nearest centroids and means until nothing changes, the centroids hardly move, or the limit is reached. */
function lloyd(
  rows: Vec,
  dim: number,
  centroids: Float64Array,
  maxIterations: number,
  leastMovement: number,
  signal: AbortSignal | undefined,
): KMeans {
  const n = rows.length / dim;
  const assignments = new Int32Array(n).fill(-1);
  const distances = new Float64Array(n);
  let iterations = 0;
  while (iterations < maxIterations) {
    throwIfAborted(signal);
    if (assignNearest(rows, dim, centroids, assignments, distances) === 0) break;
    const movement = moveToMeans(rows, dim, centroids, assignments, distances);
    iterations++;
    if (movement <= leastMovement) break;
  }
  const rounded = Float32Array.from(centroids);
  assignNearest(rows, dim, Float64Array.from(rounded), assignments, distances);
  const counts = new Int32Array(centroids.length / dim);
  for (const c of assignments) counts[c]!++;
  const inertia = distances.reduce((a, b) => a + b, 0);
  return { centroids: rounded, dim, counts, inertia, iterations, assignments };
}

/** Moves every centroid to the mean of its rows, after repairing empty clusters; returns the squared movement. */
function moveToMeans(
  rows: Vec,
  dim: number,
  centroids: Float64Array,
  assignments: Int32Array,
  distances: Float64Array,
): number {
  const clusters = centroids.length / dim;
  const counts = new Int32Array(clusters);
  for (const c of assignments) counts[c]!++;
  repairEmpty(counts, assignments, distances);

  const sums = new Float64Array(centroids.length);
  for (let r = 0; r < assignments.length; r++) {
    const c = assignments[r]!;
    for (let i = 0; i < dim; i++) sums[c * dim + i]! += rows[r * dim + i]!;
  }
  let movement = 0;
  for (let c = 0; c < clusters; c++) {
    if (counts[c] === 0) continue;
    for (let i = c * dim; i < (c + 1) * dim; i++) {
      const mean = sums[i]! / counts[c]!;
      movement += (mean - centroids[i]!) ** 2;
      centroids[i] = mean;
    }
  }
  return movement;
}

/** Gives each empty cluster the row farthest from its centroid that is not alone; none is left when all distances are 0. */
function repairEmpty(counts: Int32Array, assignments: Int32Array, distances: Float64Array): void {
  for (let empty = counts.indexOf(0); empty !== -1; empty = counts.indexOf(0, empty + 1)) {
    let farthest = -1;
    for (let r = 0; r < assignments.length; r++)
      if (distances[r]! > (farthest < 0 ? 0 : distances[farthest]!) && counts[assignments[r]!]! > 1) farthest = r;
    if (farthest === -1) return;
    counts[assignments[farthest]!]!--;
    counts[empty] = 1;
    assignments[farthest] = empty;
    distances[farthest] = 0;
  }
}

function meanVariance(rows: Vec, dim: number): number {
  const n = rows.length / dim;
  let total = 0;
  for (let i = 0; i < dim; i++) {
    let mean = 0;
    for (let r = 0; r < n; r++) mean += rows[r * dim + i]! / n;
    for (let r = 0; r < n; r++) total += (rows[r * dim + i]! - mean) ** 2 / n;
  }
  return total / dim;
}
