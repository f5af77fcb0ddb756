import { ShapeError, ValueError } from "@x/core";
import { assign, kMeans } from "@x/metrics/cluster";
import { contentId } from "./content-id.js";
import type { SentenceEmbedder } from "./types.js";

/** The K abstract writing actions: one centroid each, in the space of one embedder. */
export interface ActionCodebook {
  /** Changes with the centroids and with the embedder. */
  readonly id: string;
  readonly embedderId: string;
  /** K. */
  readonly actions: number;
  /** D. */
  readonly dim: number;
  /** `[K · D]`. */
  readonly centroids: Float32Array;
}

/** Options of {@link fitActions}. */
export interface FitActionsOptions {
  readonly embedder: Pick<SentenceEmbedder, "id" | "dim">;
  /** K. */
  readonly actions: number;
  /** Runs of k-means of which the best is kept. Default 1. */
  readonly restarts?: number;
  readonly seed: number | string;
  readonly signal?: AbortSignal;
}

/**
 * Clusters sentence vectors into writing actions by k-means. To be fitted on training sentences only.
 *
 * @param vectors - `[n · D]`, what the embedder gave.
 * @throws ValueError when there are fewer sentences than actions.
 * @throws ShapeError when the vectors are not whole rows of the embedder's length.
 * @paper 2404.00614 writing actions
 */
export function fitActions(vectors: Float32Array, options: FitActionsOptions): ActionCodebook {
  const { embedder, actions, restarts = 1, seed, signal } = options;
  const { id: embedderId, dim } = embedder;
  checkRows("fitActions", vectors, dim);
  if (!(Number.isInteger(actions) && actions >= 1 && actions * dim <= vectors.length))
    throw new ValueError(
      `fitActions: actions must be an integer in [1, ${vectors.length / dim}], the number of sentences, got ${actions}`,
      { argument: "actions", value: actions },
    );
  const { centroids } = kMeans(vectors, dim, { clusters: actions, seed, restarts, ...(signal && { signal }) });
  return codebookOf(centroids, dim, embedderId);
}

/** A codebook of given centroids `[K · D]`. */
export function codebookOf(centroids: Float32Array, dim: number, embedderId: string): ActionCodebook {
  const id = contentId("actions", embedderId, centroids);
  return { id, embedderId, actions: centroids.length / dim, dim, centroids };
}

/**
 * The action of each sentence: the nearest centroid, the lowest index among ties.
 *
 * @throws ShapeError when the vectors are not whole rows of the codebook's length.
 */
export function assignActions(codebook: ActionCodebook, vectors: Float32Array): Int32Array {
  checkRows("assignActions", vectors, codebook.dim);
  return assign(vectors, codebook.centroids, codebook.dim);
}

function checkRows(name: string, vectors: Float32Array, dim: number): void {
  if (vectors.length % dim !== 0)
    throw new ShapeError(`${name}: vectors must be rows of ${dim} numbers, got ${vectors.length} numbers`);
}
