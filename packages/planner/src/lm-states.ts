import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import { breathe } from "./breathe.js";
import { contentId } from "./content-id.js";
import type { SentenceEmbedder, TokenizerLike } from "./types.js";

/** Options of {@link lmStates}. */
export interface LmStatesOptions {
  readonly tokenizer: TokenizerLike;
  /** Names the weights; part of the embedder's `id`. */
  readonly modelId: string;
  /** The mean over the sentence's tokens, or the state of its last token. Default `"mean"`. */
  readonly pooling?: "mean" | "last";
  /** How many tokens of a sentence are read. Default 64. */
  readonly maxTokens?: number;
  /** Sentences a pass. Default 32. */
  readonly batchSize?: number;
}

/**
 * Embeds a sentence by the final hidden states of a causal language model, pooled and scaled to unit length.
 *
 *   x = Σₜ mₜ·hₜ / ‖Σₜ mₜ·hₜ‖,  m = 1 on the sentence's tokens (`mean`) or on the last one (`last`)
 *
 * Each sentence is read on its own; every pass has the shape `[batchSize, maxTokens]`, padded on the right, which a
 * causal model does not see.
 *
 * @throws ValueError, from `embed`, for a sentence without tokens.
 */
export function lmStates(lm: { hidden(tokens: tf.Tensor2D): tf.Tensor3D }, options: LmStatesOptions): SentenceEmbedder {
  const { tokenizer, modelId, pooling = "mean", maxTokens = 64, batchSize = 32 } = options;
  const dim = tf.tidy(() => lm.hidden(tf.zeros([1, 1], "int32")).shape[2]);

  const pass = (rows: readonly Int32Array[]) =>
    tf.tidy(() => {
      const tokens = new Int32Array(batchSize * maxTokens);
      const weights = new Float32Array(batchSize * maxTokens);
      rows.forEach((row, i) => {
        tokens.set(row, i * maxTokens);
        const last = i * maxTokens + row.length;
        weights.fill(1, pooling === "mean" ? i * maxTokens : last - 1, last);
      });
      const states = lm.hidden(tf.tensor2d(tokens, [batchSize, maxTokens], "int32"));
      const sums = tf.squeeze(tf.matMul(tf.tensor3d(weights, [batchSize, 1, maxTokens]), states), [1]); // [B, dim]
      return tf.div(sums, tf.maximum(tf.norm(sums, 2, 1, true), 1e-12));
    });

  async function embed(sentences: readonly string[], o: { readonly signal?: AbortSignal } = {}): Promise<Float32Array> {
    const out = new Float32Array(sentences.length * dim);
    for (let start = 0; start < sentences.length; start += batchSize) {
      await breathe(o.signal);
      const rows = sentences.slice(start, start + batchSize).map((sentence, i) => {
        const tokens = tokenizer.encode(sentence);
        if (tokens.length > 0) return tokens.subarray(0, maxTokens);
        throw new ValueError(`lmStates: a sentence must have tokens, got ${JSON.stringify(sentence)}`, {
          argument: "sentences",
          index: start + i,
          value: sentence,
        });
      });
      const vectors = pass(rows);
      out.set((await vectors.data()).subarray(0, rows.length * dim), start * dim);
      vectors.dispose();
    }
    return out;
  }
  return { id: contentId("lm-states", modelId, tokenizer.id, pooling, `${maxTokens}`), dim, embed };
}
