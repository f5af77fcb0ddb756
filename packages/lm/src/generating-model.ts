import type * as tf from "@tensorflow/tfjs-core";

/** What owns tensors. */
export interface Disposable {
  dispose(): void;
}

/** Earlier tokens of several texts, with room for more. */
export interface GrowingCache extends Disposable {
  /** How long a text may be. */
  readonly length: number;
  grow(length: number): void;
}

/**
 * The part of a causal language model that generation needs; `Cache` holds keys and values. Both are arguments of `jit`: what
 * they keep from call to call are variables that their `traced` names.
 */
export interface GeneratingModel<Cache extends GrowingCache = GrowingCache> {
  readonly vocabSize: number;
  readonly config: { readonly maxPositions: number; readonly eosIds: readonly number[] };
  /** How many numbers a pass reads; without it a few. */
  readonly parameterCount?: number;
  /** `[B, T, V]` of texts in all rows of the cache, at these positions. */
  logits(tokens: tf.Tensor2D, options: { cache: Cache; positions: tf.Tensor2D }): tf.Tensor3D;
  /** Reads the beginnings of texts into rows of the cache, without `cacheRows` into all. */
  hidden(tokens: tf.Tensor2D, options: { cache: Cache; cacheRows?: tf.Tensor1D }): tf.Tensor3D;
  openCache(rows: number, length: number): Cache;
}
