import { createRng, ValueError } from "@x/core";
import { checkInteger, checkRows, checkValue, type Vec } from "../checks.js";
import { type KMeans, lloyd } from "./lloyd.js";
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
  checkValue("kMeans", "tolerance", tolerance, "≥ 0", tolerance >= 0);

  const rng = createRng(seed);
  const least = tolerance * meanVariance(rows, dim);
  const start = (restart: number) => {
    const centroids = plusPlus(rows, dim, clusters, rng.split(`start ${restart}`), signal);
    return lloyd(rows, dim, centroids, maxIterations, least, signal);
  };
  let best = start(0);
  for (let restart = 1; restart < restarts; restart++) {
    const found = start(restart);
    if (found.inertia < best.inertia) best = found;
  }
  return best;
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
