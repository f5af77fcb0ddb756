import { throwIfAborted } from "@x/core";
import type { Vec } from "../checks.js";
import { assignNearest } from "./assign.js";

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
 * Lloyd's algorithm: alternates nearest centroids and means, moving `centroids`, until nothing changes, the squared movement
 * is ≤ `leastMovement`, or the limit is reached.
 */
export function lloyd(
  rows: Vec,
  dim: number,
  centroids: Float64Array,
  maxIterations: number,
  leastMovement: number,
  signal?: AbortSignal,
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
