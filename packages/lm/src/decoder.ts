import * as tf from "@tensorflow/tfjs-core";
import { lanes, random } from "@x/runtime";
import { readTexts, writeTexts } from "./decode-programs.js";
import type { DrawnTokens } from "./draw.js";
import type { Disposable, GeneratingModel, GrowingCache } from "./generating-model.js";
import type { SamplingOptions } from "./sampling.js";

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
  /** In how many groups the texts are continued side by side; default as many as pay (`groupsFor`). */
  readonly groups?: number;
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

/** Texts in the rows of caches, and the programs that continue them. */
export interface Decoder extends Disposable {
  /** Reads texts into rows, whatever stood there. */
  begin(texts: ReadonlyMap<number, readonly number[]>): void;
  /** Continues the text of each row, or nothing where there is none. */
  next(turns: readonly (Turn | undefined)[]): Promise<(Continuation | undefined)[]>;
}

/**
 * Opens caches for `rows` texts, a cache for each group of them, and continues them a turn at a time.
 *
 * A cache has 64·2^k places, and as many as the longest text may need (64·2^k or 96·2^k) at most; it grows when a text
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
  const wanted = options.groups ?? groupsFor(rows, model.parameterCount ?? 0);
  const each = Math.ceil(rows / wanted); // the rows of a group; the last one may have more than texts
  const groups = Math.ceil(rows / each);
  let caches: readonly Cache[] = [];
  const most = Math.min(powerFrom(64, longest), powerFrom(96, longest), maxPositions);
  const reserve = (length: number): readonly Cache[] => {
    if (caches[0] !== undefined && caches[0].length >= length) return caches;
    const room = rows * most <= fewPlaces ? most : Math.max(length, Math.min(powerFrom(64, length), most));
    if (caches.length === 0) caches = Array.from({ length: groups }, () => model.openCache(each, room));
    else for (const cache of caches) cache.grow(room);
    return caches;
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
      const width = Math.min(
        [...texts.values()].reduce((widest, { length }) => Math.max(widest, powerFrom(16, length)), 0),
        most,
      );
      tf.tidy(() => {
        const prompts = reserve(width).flatMap((cache, group) => {
          const own = [...texts].filter(([row]) => Math.floor(row / each) === group);
          if (own.length === 0) return [];
          const given = own.map(([row, text]) => [row % each, text] as const);
          return [{ cache, ...padded(given, width, each) }];
        });
        // Together when all rows begin, else one by one: the numbers of texts that two groups have would be many programs.
        if (prompts.every(({ cacheRows }) => cacheRows === undefined)) readTexts(model, prompts);
        else for (const group of prompts) readTexts(model, [group]);
      });
    },

    async next(turns) {
      const caches = reserve(
        turns.reduce((most, turn) => Math.max(most, turn ? turn.text.length + turn.steps - 1 : 1), 1),
      );
      const drawn = tf.tidy(() => {
        const places = each * groups;
        const ints = (of: (turn: Turn) => number) =>
          tf.tensor1d(
            Int32Array.from({ length: places }, (_, row) => (turns[row] === undefined ? 0 : of(turns[row]))),
            "int32",
          );
        const keys = Int32Array.from({ length: places * chunk }, (_, i) => {
          const turn = turns[Math.floor(i / chunk)];
          return turn === undefined ? 0 : random.foldIn(turn.key, turn.text.length + (i % chunk));
        });
        const texts = {
          // The last token of a prompt is in the cache already, and is written there again.
          tokens: ints(({ text }) => text.at(-1)!),
          positions: ints(({ text }) => text.length - 1),
          left: ints(({ steps }) => steps),
          keys: tf.tensor2d(keys, [places, chunk], "int32"),
        };
        return writeTexts(model, caches, texts, sampling(), { vocabSize, stopIds });
      });
      const [tokens, logprobs, rawLogprobs] = await valuesOf(drawn);
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

    dispose() {
      for (const cache of caches) cache.dispose();
    },
  };
}

async function valuesOf(drawn: DrawnTokens<tf.Tensor2D>): Promise<[Int32Array, Float32Array, Float32Array]> {
  const { tokens, logprobs, rawLogprobs } = drawn;
  try {
    return await Promise.all([tokens.data<"int32">(), logprobs.data<"float32">(), rawLogprobs.data<"float32">()]);
  } finally {
    tf.dispose(drawn);
  }
}

/**
 * In how many groups rows are worth continuing side by side. Each reads the whole model at every turn: 4 rows outweigh that,
 * in a large model one row for every 2M numbers.
 */
export function groupsFor(rows: number, parameterCount: number): number {
  const least = Math.max(4, parameterCount / 2 ** 21);
  return Math.max(1, Math.min(lanes(), Math.floor(rows / least)));
}

/** Texts `[R, width]`, the last one several times so that few values of R occur, and their rows unless these are all. */
function padded(texts: readonly (readonly [row: number, text: readonly number[]])[], width: number, rows: number) {
  const count = Math.min(powerFrom(1, texts.length), rows);
  const tokens = new Int32Array(count * width);
  const places = Int32Array.from({ length: count }, (_, i) => {
    const [row, text] = texts[Math.min(i, texts.length - 1)]!;
    tokens.set(text, i * width);
    return row;
  });
  const isAll = count === rows && places.every((row, i) => row === i);
  return {
    tokens: tf.tensor2d(tokens, [count, width], "int32"),
    ...(isAll ? {} : { cacheRows: tf.tensor1d(places, "int32") }),
  };
}

/** So many tokens in all rows cost little to look at. */
const fewPlaces = 512;

/** The least of first · 2^k that is at least n. */
const powerFrom = (first: number, n: number): number => first * 2 ** Math.max(0, Math.ceil(Math.log2(n / first)));
