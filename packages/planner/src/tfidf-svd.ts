import { createRng, FormatError, type Json, parseState, throwIfAborted, ValueError } from "@x/core";
import { contentId } from "./content-id.js";
import { randomizedSvd } from "./randomized-svd.js";
import { fitTfidf, type SparseRows, type TfidfModel, tfidfRows } from "./tfidf.js";
import type { SentenceEmbedder } from "./types.js";

/** Options of {@link fitTfidfSvd}. */
export interface TfidfSvdOptions {
  /** Length of the vectors. Default 64. */
  readonly dim?: number;
  /** Longest n-gram of words. Default 2. */
  readonly ngrams?: number;
  /** How many of the most frequent n-grams are kept. Default 32768. */
  readonly maxFeatures?: number;
  readonly seed: number | string;
  readonly signal?: AbortSignal;
}

/** A sentence embedder that is plain data and needs no model. */
export interface TfidfSvdEmbedder extends SentenceEmbedder {
  toJSON(): Json;
}

/**
 * Fits latent semantic analysis: tf-idf of word n-grams, projected on its leading right singular vectors and scaled to
 * unit length. A sentence without a known word is 0.
 *
 *   x(s) = Vᵀ·tfidf(s) / ‖Vᵀ·tfidf(s)‖
 *
 * To be fitted on training sentences only.
 *
 * @throws ValueError for `dim`, `ngrams` or `maxFeatures` below 1, or sentences without a word.
 * @throws AbortedError when the signal fires.
 */
export async function fitTfidfSvd(sentences: Iterable<string>, options: TfidfSvdOptions): Promise<TfidfSvdEmbedder> {
  const { dim = 64, ngrams = 2, maxFeatures = 32768, seed, signal } = options;
  for (const [argument, value] of Object.entries({ dim, ngrams, maxFeatures }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new ValueError(`fitTfidfSvd: ${argument} must be an integer ≥ 1, got ${value}`, { argument, value });
  const list = [...sentences];
  const tfidf = fitTfidf(list, ngrams, maxFeatures);
  const { vectors } = await randomizedSvd(tfidfRows(tfidf, list), dim, createRng(seed), {
    onPass: () => breathe(signal),
  });
  return tfidfSvd(tfidf, vectors, dim);
}

const version = 1;

/**
 * Brings back what `JSON.stringify` made of an embedder of {@link fitTfidfSvd}.
 *
 * @throws StateError for another version, FormatError for contents that do not fit each other.
 */
export function loadTfidfSvd(state: unknown): TfidfSvdEmbedder {
  const s = parseState<{ version: number; dim: number; ngrams: number; words: string[]; idf: string; basis: string }>(
    state,
    version,
  );
  const idf = fromBase64(s.idf);
  const basis = fromBase64(s.basis);
  if (idf.length !== s.words.length || basis.length !== s.words.length * s.dim)
    throw new FormatError(
      `loadTfidfSvd: idf and basis must have words and words · dim = ${s.words.length} · ${s.dim} numbers, got ${idf.length} and ${basis.length}`,
    );
  return tfidfSvd({ ngrams: s.ngrams, columns: new Map(s.words.map((word, i) => [word, i])), idf }, basis, s.dim);
}

function tfidfSvd(tfidf: TfidfModel, basis: Float32Array, dim: number): TfidfSvdEmbedder {
  const words = [...tfidf.columns.keys()];
  return {
    id: contentId("tfidf-svd", `${tfidf.ngrams}`, words.join("\n"), tfidf.idf, basis),
    dim,
    async embed(sentences, o) {
      throwIfAborted(o?.signal);
      return project(tfidfRows(tfidf, sentences), basis, dim);
    },
    toJSON: () => ({
      version,
      dim,
      ngrams: tfidf.ngrams,
      words,
      idf: toBase64(tfidf.idf),
      basis: toBase64(basis),
    }),
  };
}

function project(a: SparseRows, basis: Float32Array, dim: number): Float32Array {
  const out = new Float32Array(a.rows * dim);
  const row = new Float64Array(dim);
  for (let i = 0; i < a.rows; i++) {
    row.fill(0);
    for (let k = a.starts[i]!; k < a.starts[i + 1]!; k++)
      for (let j = 0; j < dim; j++) row[j]! += a.values[k]! * basis[a.columns[k]! * dim + j]!;
    const length = Math.hypot(...row);
    if (length > 0) for (let j = 0; j < dim; j++) out[i * dim + j] = row[j]! / length;
  }
  return out;
}

/** Lets the event loop run, then checks the signal. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  throwIfAborted(signal);
}

function toBase64(data: Float32Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
}

function fromBase64(text: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(text, "base64")).buffer);
}
