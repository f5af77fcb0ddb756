import * as tf from "@tensorflow/tfjs-core";
import { jit } from "@x/runtime";

/** What owns tensors. */
export interface Disposable {
  dispose(): void;
}

/** The part of a causal language model that generation needs; `Cache` holds keys and values. */
export interface GeneratingModel<Cache extends Disposable> {
  readonly vocabSize: number;
  readonly config: { readonly maxPositions: number; readonly eosIds: readonly number[] };
  logits(tokens: tf.Tensor2D, options: { cache: Cache; positions: tf.Tensor2D }): tf.Tensor3D;
  hidden(tokens: tf.Tensor2D, options: { cache: Cache }): tf.Tensor3D;
  openCache(rows: number, length: number): Cache;
}

/** Texts in a cache of keys and values, and the step that reads the last token of each. */
export interface Decoder extends Disposable {
  /** How long a text may grow. */
  readonly length: number;
  /**
   * One pass over the last token of every text.
   *
   * @param texts - `[B]` of any lengths up to `length`; each has at most one token more than at the last call.
   * @returns the logits of what comes next, `[B · V]`.
   */
  next(texts: readonly ArrayLike<number>[]): Promise<Float32Array>;
}

/**
 * Reads texts into a new cache of 64·2^k places, at most `maxPositions`.
 *
 * Texts are padded on the right: what stands there is not looked at before it is overwritten. An outgrown decoder is not
 * copied but opened anew with the texts so far; lengths double, so that costs at most one more pass over each token.
 *
 * @param texts - `[B]`, each with 1 to `maxPositions` tokens.
 */
export function openDecoder<Cache extends Disposable>(
  model: GeneratingModel<Cache>,
  texts: readonly ArrayLike<number>[],
): Decoder {
  const rows = texts.length;
  const longest = texts.reduce((most, text) => Math.max(most, text.length), 1);
  const length = Math.min(64 * 2 ** Math.max(0, Math.ceil(Math.log2(longest / 64))), model.config.maxPositions);
  const cache = model.openCache(rows, length);
  const step = jit((tokens: tf.Tensor2D, positions: tf.Tensor2D) => model.logits(tokens, { cache, positions }));

  const padded = new Int32Array(rows * longest);
  texts.forEach((text, row) => {
    padded.set(text, row * longest);
  });
  try {
    tf.tidy(() => {
      model.hidden(tf.tensor2d(padded, [rows, longest], "int32"), { cache });
    });
  } catch (error) {
    cache.dispose();
    throw error;
  }

  return {
    length,
    async next(texts) {
      const column = (of: (text: ArrayLike<number>) => number) => tf.tensor2d(texts.map(of), [rows, 1], "int32");
      // After the first pass the last token is in the cache already, and is written there again.
      const tokens = column((text) => text[text.length - 1]!);
      const positions = column((text) => text.length - 1);
      const logits = step(tokens, positions);
      try {
        return (await logits.data()) as Float32Array;
      } finally {
        tf.dispose([tokens, positions, logits]);
      }
    },
    dispose: () => cache.dispose(),
  };
}
