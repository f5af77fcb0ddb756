import { checkEach, checkFilled, checkInteger, checkRows, type Vec } from "../checks.js";
import { kMeans } from "../cluster/k-means.js";
import { pca, projectPca } from "../cluster/pca.js";
import { type HistogramMauve, histogramMauve } from "./histogram-mauve.js";

/** MAUVE of clustered samples. */
export interface LabelMauve extends HistogramMauve {
  /** `[clusters]`, how many samples of p each cluster has. */
  readonly pHist: Int32Array;
  /** `[clusters]`, the same of q. */
  readonly qHist: Int32Array;
  /** Size of the smaller sample. */
  readonly samples: number;
  /** Whether there are at least 500 samples of either and five for each cluster; otherwise the score is unsteady. */
  readonly stable: boolean;
}

/** MAUVE of embeddings, with what is needed to compute it again. */
export interface Mauve extends LabelMauve {
  readonly clusters: number;
  readonly seed: number | string;
}

/**
 * MAUVE of two sets of texts: how much of either distribution the other covers, by their embeddings.
 *
 *   rows to unit length → principal components up to 90 % of the variance → k-means of both sets together
 *   → histograms P and Q over the clusters → `histogramMauve`
 *
 * Differs from mauve-text: the same steps, but its k-means is Faiss's in float32, so scores of embeddings agree about as well
 * as those of two of its seeds. Given the labels of its clusters, `labelMauve` is equal.
 *
 * @param p - `[nP, dim]`, row-major, embeddings of texts of one kind (by custom the human ones).
 * @param q - `[nQ, dim]`, of the other kind.
 * @param options - `clusters`: default a tenth of the smaller set, rounded half to even, at least 2; `seed`: of k-means,
 *   default 0. Compare scores only at the same embeddings, sizes and clusters.
 * @throws ValueError for a number that is not finite, a length that is no multiple of `dim`, or more clusters than rows.
 */
export function mauve(
  p: Vec,
  q: Vec,
  dim: number,
  options: { readonly clusters?: number; readonly seed?: number | string } = {},
): Mauve {
  const nP = checkRows("mauve", "p", p, dim);
  const nQ = checkRows("mauve", "q", q, dim);
  const { clusters = Math.max(2, roundHalfToEven(Math.min(nP, nQ) / 10)), seed = 0 } = options;
  checkInteger("mauve", "clusters", clusters, 1, nP + nQ);

  const rows = new Float64Array((nP + nQ) * dim);
  rows.set(Float64Array.from(p));
  rows.set(Float64Array.from(q), nP * dim);
  for (let row = 0; row < nP + nQ; row++) toUnitLength(rows.subarray(row * dim, (row + 1) * dim));
  const all = pca(rows, dim);
  const kept = componentsFor(all.explainedVarianceRatio, 0.9);
  const reduced = projectPca(rows, { ...all, components: all.components.subarray(0, kept * dim) });
  const { assignments } = kMeans(reduced, kept, { clusters, seed, restarts: 5, maxIterations: 500, tolerance: 0 });
  return { ...fromLabels(assignments.subarray(0, nP), assignments.subarray(nP), clusters), clusters, seed };
}

/**
 * MAUVE of samples that are already clustered.
 *
 * @param pLabels - `[nP]`, the cluster of each sample of p, counted from 0.
 * @param qLabels - `[nQ]`, the same of q.
 * @throws ValueError for an empty list or a label that is not an integer ≥ 0.
 */
export function labelMauve(pLabels: Vec, qLabels: Vec): LabelMauve {
  for (const [argument, labels] of Object.entries({ pLabels, qLabels })) {
    checkFilled("labelMauve", argument, labels);
    checkEach("labelMauve", argument, labels, "an integer ≥ 0", (label) => Number.isSafeInteger(label) && label >= 0);
  }
  const largest = (labels: Vec) => Float64Array.from(labels).reduce((a, b) => Math.max(a, b));
  return fromLabels(pLabels, qLabels, Math.max(largest(pLabels), largest(qLabels)) + 1);
}

function fromLabels(pLabels: Vec, qLabels: Vec, clusters: number): LabelMauve {
  const pHist = histogram(pLabels, clusters);
  const qHist = histogram(qLabels, clusters);
  const samples = Math.min(pLabels.length, qLabels.length);
  return { ...histogramMauve(pHist, qHist), pHist, qHist, samples, stable: samples >= 500 && clusters <= samples / 5 };
}

function histogram(labels: Vec, clusters: number): Int32Array {
  const counts = new Int32Array(clusters);
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]!++;
  return counts;
}

/** How many components, taken in order, first explain the share; all when rounding keeps their sum below it. */
function componentsFor(ratios: Float64Array, share: number): number {
  let explained = 0;
  const last = ratios.findIndex((ratio) => {
    explained += ratio;
    return explained >= share;
  });
  return last === -1 ? ratios.length : last + 1;
}

function toUnitLength(row: Float64Array): void {
  const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0));
  if (length > 0) for (let i = 0; i < row.length; i++) row[i]! /= length;
}

function roundHalfToEven(x: number): number {
  const below = Math.floor(x);
  return x - below === 0.5 ? below + (below % 2) : Math.round(x);
}
