import * as tf from "@tensorflow/tfjs-core";
import { jit, random, whileLoop } from "@x/runtime";
import { type DrawOptions, drawTokens } from "./draw.js";
import type { SamplingOptions } from "./sampling.js";

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

/** The part of a causal language model that generation needs; `Cache` holds keys and values. Both are seen by `jit`. */
export interface GeneratingModel<Cache extends GrowingCache = GrowingCache> {
  readonly vocabSize: number;
  readonly config: { readonly maxPositions: number; readonly eosIds: readonly number[] };
  /** `[B, T, V]` of texts in all rows of the cache, at these positions. */
  logits(tokens: tf.Tensor2D, options: { cache: Cache; positions: tf.Tensor2D }): tf.Tensor3D;
  /** Reads the beginnings of texts into rows of the cache, without `cacheRows` into all. */
  hidden(tokens: tf.Tensor2D, options: { cache: Cache; cacheRows?: tf.Tensor1D }): tf.Tensor3D;
  openCache(rows: number, length: number): Cache;
}

/** How texts are continued. */
export interface DecoderOptions extends SamplingOptions {
  /** Only tokens below this are drawn. */
  readonly vocabSize: number;
  /** Tokens that end a text. */
  readonly stopIds: readonly number[];
  /** Tokens a turn at most. */
  readonly chunk: number;
  /** How long a text becomes at most. */
  readonly longest: number;
}

/** A text and how to continue it. */
interface Turn {
  /** All its tokens so far, those of the last turn included. */
  readonly text: readonly number[];
  /** How many tokens to add, 1 … `chunk`; fewer when it ends. */
  readonly steps: number;
  /** The noise of the token at position t comes from (key, t) alone. */
  readonly key: number;
}

/** What a text is continued by. */
export interface Continuation {
  readonly tokens: Int32Array;
  readonly logprobs: Float32Array;
  readonly rawLogprobs: Float32Array;
}

/** Texts in the rows of a cache, and the program that continues them. */
export interface Decoder extends Disposable {
  /** Reads texts into rows, whatever stood there. */
  begin(texts: ReadonlyMap<number, ArrayLike<number>>): void;
  /** Continues the text of each row, or nothing where there is none. */
  next(turns: readonly (Turn | undefined)[]): Promise<(Continuation | undefined)[]>;
}

/**
 * Reads texts into rows of the cache. They are padded on the right: what stands there is not looked at before it is
 * overwritten.
 */
const read = jit((model: GeneratingModel, cache: GrowingCache, tokens: tf.Tensor2D, cacheRows?: tf.Tensor1D) => {
  model.hidden(tokens, { cache, ...(cacheRows && { cacheRows }) });
});

interface Texts {
  /** The last token of each, `[B]`. */
  readonly tokens: tf.Tensor1D;
  /** Where it stands, `[B]`. */
  readonly positions: tf.Tensor1D;
  /** How many more tokens are wanted, `[B]`; at 0 a text rests. */
  readonly left: tf.Tensor1D;
}

/** Continues the texts by up to C tokens: one loop in the program, each turn a pass over one token of every text. */
const write = jit(
  (
    model: GeneratingModel,
    cache: GrowingCache,
    texts: Texts,
    keys: tf.Tensor2D, // [B, C]
    sampling: DrawOptions,
    { vocabSize, stopIds }: { readonly vocabSize: number; readonly stopIds: readonly number[] },
  ) => {
    const [rows, chunk] = keys.shape;
    const empty = (dtype: "int32" | "float32") => tf.zeros<tf.Rank.R2>([rows, chunk], dtype);
    const drawn = { tokens: empty("int32"), logprobs: empty("float32"), rawLogprobs: empty("float32") };
    const start = { ...texts, turn: tf.scalar(0, "int32"), drawn };
    return whileLoop<typeof start>(
      start,
      ({ left }) => tf.greater(tf.max(left), tf.scalar(0, "int32")),
      ({ tokens, positions, left, turn, drawn }) => {
        const column = (x: tf.Tensor1D) => tf.reshape(x, [rows, 1]) as tf.Tensor2D;
        const all = model.logits(column(tokens), { cache, positions: column(positions) });
        const logits = tf.reshape(all, [rows, model.vocabSize]) as tf.Tensor2D;
        const now = drawTokens(
          vocabSize === model.vocabSize ? logits : tf.slice(logits, [0, 0], [rows, vocabSize]),
          tf.reshape(tf.gather(keys, turn, 1), [rows]) as tf.Tensor1D,
          sampling,
        );
        const one = tf.scalar(1, "int32");
        const ends = stopIds.map((id) => tf.equal(now.tokens, tf.scalar(id, "int32")));
        const goesOn = ends.reduce((goes, end) => tf.logicalAnd(goes, tf.logicalNot(end)), tf.greater(left, one));
        const here = tf.equal(tf.range(0, chunk, 1, "int32"), turn); // [C]
        const put = (x: tf.Tensor1D, into: tf.Tensor2D) => tf.where(here, column(x), into);
        return {
          // A text that rests writes what it has written last once more.
          tokens: tf.where(goesOn, now.tokens, tokens) as tf.Tensor1D,
          positions: tf.add(positions, tf.cast(goesOn, "int32")),
          left: tf.mul(tf.sub(left, one), tf.cast(goesOn, "int32")) as tf.Tensor1D,
          turn: tf.add(turn, one),
          drawn: {
            tokens: put(now.tokens, drawn.tokens),
            logprobs: put(now.logprobs, drawn.logprobs),
            rawLogprobs: put(now.rawLogprobs, drawn.rawLogprobs),
          },
        };
      },
    ).drawn;
  },
);

/**
 * Opens a cache for `rows` texts and continues them a turn at a time.
 *
 * The cache has 64·2^k places, and as many as the longest text may need (64·2^k or 96·2^k) at most; it grows when a text
 * outgrows it. Short caches are what makes large batches fast, and few lengths need few programs: where all rows together
 * are short, there is one.
 */
export function openDecoder<Cache extends GrowingCache>(
  model: GeneratingModel<Cache>,
  rows: number,
  options: DecoderOptions,
): Decoder {
  const { chunk, longest, vocabSize, stopIds } = options;
  const { maxPositions } = model.config;
  let cache: Cache | undefined;
  const most = Math.min(powerFrom(64, longest), powerFrom(96, longest), maxPositions);
  const reserve = (length: number): Cache => {
    if (cache !== undefined && cache.length >= length) return cache;
    const room = rows * most <= fewPlaces ? most : Math.max(length, Math.min(powerFrom(64, length), most));
    if (cache === undefined) cache = model.openCache(rows, room);
    else cache.grow(room);
    return cache;
  };
  const { topK } = options;
  const { temperature = 1, topP = 1, minP = 0 } = options;
  const sampling = () => ({
    ...(topK === undefined ? {} : { topK }),
    ...(temperature > 0 ? { temperature: tf.scalar(temperature) } : {}),
    ...(topP < 1 ? { topP: tf.scalar(topP) } : {}),
    ...(minP > 0 ? { minP: tf.scalar(minP) } : {}),
  });

  return {
    begin(texts) {
      const given = [...texts];
      const count = Math.min(powerFrom(1, given.length), rows);
      const width = Math.min(
        given.reduce((most, [, text]) => Math.max(most, powerFrom(16, text.length)), 0),
        maxPositions,
      );
      const cache = reserve(width);
      const padded = new Int32Array(count * width);
      const places = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        const [row, text] = given[Math.min(i, given.length - 1)]!; // the last one several times
        padded.set(text, i * width);
        places[i] = row;
      }
      tf.tidy(() => {
        const tokens = tf.tensor2d(padded, [count, width], "int32");
        const inOrder = places.length === rows && places.every((row, i) => row === i);
        read(model, cache, tokens, inOrder ? undefined : tf.tensor1d(places, "int32"));
      });
    },

    async next(turns) {
      const cache = reserve(
        turns.reduce((most, turn) => Math.max(most, turn ? turn.text.length + turn.steps - 1 : 1), 1),
      );
      const drawn = tf.tidy(() => {
        const ints = (of: (turn: Turn) => number) =>
          tf.tensor1d(
            turns.map((turn) => (turn === undefined ? 0 : of(turn))),
            "int32",
          );
        const texts = {
          // The last token of a prompt is in the cache already, and is written there again.
          tokens: ints(({ text }) => text.at(-1)!),
          positions: ints(({ text }) => text.length - 1),
          left: ints(({ steps }) => steps),
        };
        const keys = Int32Array.from({ length: rows * chunk }, (_, i) => {
          const turn = turns[Math.floor(i / chunk)];
          return turn === undefined ? 0 : random.foldIn(turn.key, turn.text.length + (i % chunk));
        });
        return write(model, cache, texts, tf.tensor2d(keys, [rows, chunk], "int32"), sampling(), {
          vocabSize,
          stopIds,
        });
      });
      const values = await Promise.all([drawn.tokens.data(), drawn.logprobs.data(), drawn.rawLogprobs.data()]);
      tf.dispose(drawn);
      const [tokens, logprobs, rawLogprobs] = values as [Int32Array, Float32Array, Float32Array];
      return turns.map((turn, row) => {
        if (turn === undefined) return undefined;
        const from = row * chunk;
        const end = tokens.subarray(from, from + turn.steps).findIndex((token) => stopIds.includes(token));
        const to = from + (end === -1 ? turn.steps : end + 1);
        return {
          tokens: tokens.slice(from, to),
          logprobs: logprobs.slice(from, to),
          rawLogprobs: rawLogprobs.slice(from, to),
        };
      });
    },

    dispose: () => cache?.dispose(),
  };
}

/** So many tokens in all rows cost little to look at. */
const fewPlaces = 512;

/** The least of first · 2^k that is at least n. */
const powerFrom = (first: number, n: number): number => first * 2 ** Math.max(0, Math.ceil(Math.log2(n / first)));
