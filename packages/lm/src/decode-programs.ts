import * as tf from "@tensorflow/tfjs-core";
import { jit, parallel, whileLoop } from "@x/runtime";
import { type DrawnTokens, type DrawOptions, drawTokens } from "./draw.js";
import type { GeneratingModel, GrowingCache } from "./generating-model.js";

/** What is read into a cache. */
interface Prompts {
  readonly cache: GrowingCache;
  /** The beginnings of texts, padded on the right, `[R, T]`: what stands there is not looked at before it is overwritten. */
  readonly tokens: tf.Tensor2D;
  /** The rows they go to, `[R]`; default all. */
  readonly cacheRows?: tf.Tensor1D;
}

/** Reads the beginnings of texts into caches, side by side. */
export const readTexts = jit((model: GeneratingModel, groups: readonly Prompts[]) => {
  const reading = groups.map(({ tokens, ...into }) => () => {
    model.hidden(tokens, into);
  });
  parallel(reading);
});

/** Texts in the rows of a cache, or of several. */
interface Texts {
  /** The last token of each, `[B]` int32. */
  readonly tokens: tf.Tensor1D;
  /** Where it stands, `[B]` int32. */
  readonly positions: tf.Tensor1D;
  /** How many more tokens are wanted, `[B]` int32; at 0 a text rests. */
  readonly left: tf.Tensor1D;
  /** Where the noise of each token comes from, `[B, C]` int32. */
  readonly keys: tf.Tensor2D;
}

/** What may be drawn. */
interface Vocabulary {
  /** Only tokens below this. */
  readonly vocabSize: number;
  /** Tokens that end a text. */
  readonly stopIds: readonly number[];
}

/**
 * Continues texts by up to C tokens, `[B, C]`; the rows of each cache side by side with those of the others.
 *
 * @param texts - the rows of the caches, one cache after the other, all of the same number of rows.
 */
export const writeTexts = jit(
  (
    model: GeneratingModel,
    caches: readonly GrowingCache[],
    texts: Texts,
    sampling: DrawOptions,
    vocabulary: Vocabulary,
  ): DrawnTokens<tf.Tensor2D> => {
    const parts = caches.map((cache, group) => {
      const rows = texts.left.shape[0] / caches.length;
      const own = <T extends tf.Tensor>(x: T): T => tf.slice(x, group * rows, rows);
      const { tokens, positions, left, keys } = texts;
      const these = { tokens: own(tokens), positions: own(positions), left: own(left), keys: own(keys) };
      return () => continued(model, cache, these, sampling, vocabulary);
    });
    const drawn = parallel(parts);
    const all = (name: keyof DrawnTokens) => tf.concat(drawn.map((part) => part[name]));
    return { tokens: all("tokens"), logprobs: all("logprobs"), rawLogprobs: all("rawLogprobs") };
  },
);

/** One loop in the program, each turn a pass over one token of every text. */
function continued(
  model: GeneratingModel,
  cache: GrowingCache,
  { keys, ...texts }: Texts,
  sampling: DrawOptions,
  { vocabSize, stopIds }: Vocabulary,
): DrawnTokens<tf.Tensor2D> {
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
}
