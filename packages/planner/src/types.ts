import type * as tf from "@tensorflow/tfjs-core";
import type { NamedVariables } from "@x/runtime";

/** Cuts text into sentences. The segments concatenate to the text exactly. */
export interface Segmenter {
  readonly id: string;
  segment(text: string): string[];
}

/** Turns sentences into vectors, row after row: `[n · dim]`. */
export interface SentenceEmbedder {
  /** Changes with anything that changes the vectors. */
  readonly id: string;
  readonly dim: number;
  embed(sentences: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<Float32Array>;
}

/** The part of a tokenizer that the planner needs; `TextTokenizer` of `@x/lm` fits. */
export interface TokenizerLike {
  readonly id: string;
  readonly vocabSize: number;
  readonly special: { readonly bos?: number; readonly eos?: number };
  encode(text: string): Int32Array;
  decode(ids: Int32Array): string;
}

/**
 * Where a vector enters a layer: added to the concatenated attention heads before the output projection, to the
 * normalised input of the MLP, or to the stream before the block.
 */
export type InjectionSite = "attentionHeads" | "mlpInput" | "residual";

/** Asked once a layer and site during a pass; the answer is `[B, T, width]` or `[B, 1, width]`. */
export type Inject = (layer: number, site: InjectionSite) => tf.Tensor3D | null;

/** A causal language model that takes vectors into its layers; `LanguageModel` of `@x/lm` fits. */
export interface ConditionableLM<Cache extends { dispose(): void } = { dispose(): void }> {
  readonly layers: number;
  readonly vocabSize: number;
  readonly eosId: number;
  readonly variables: NamedVariables;
  /** How long a text may be; a cache then has room for 64·2^k tokens. */
  readonly config?: { readonly maxPositions: number };
  injectionWidth(layer: number, site: InjectionSite): number;
  /** `tokens [B, T]` → `[B, T, V]`; with a cache, `positions [B, T]` are absolute and default to 0 … T − 1. */
  logits(tokens: tf.Tensor2D, options?: { inject?: Inject; cache?: Cache; positions?: tf.Tensor2D }): tf.Tensor3D;
  /**
   * Keys and values of earlier tokens: variables that its `traced` names (see `jit`), assigned in place. Without it planned
   * generation runs over the whole context for every token.
   */
  openCache?(rows: number, length: number): Cache;
}
