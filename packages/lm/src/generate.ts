import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, type Rng, throwIfAborted, ValueError } from "@x/core";
import { jit } from "@x/runtime";
import { checkTokens } from "./check-tokens.js";
import { checkSampling, type SampledToken, type SamplingOptions, sampleToken } from "./sampling.js";

interface Disposable {
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

/** What to continue. Exactly one of `seed` and `seeds` is given. */
export interface GenerateRequests {
  /** Token ids, of any lengths ≥ 1. */
  readonly prompts: readonly Int32Array[];
  /** One seed for the batch; row i draws from a stream of its own. */
  readonly seed?: number | string;
  /** One seed for each prompt: a row then is the same in any batch. */
  readonly seeds?: readonly (number | string)[];
}

/** How to continue. */
export interface GenerateOptions extends SamplingOptions {
  /** Tokens to add at most; prompt and these must fit into the model's `maxPositions`. */
  readonly maxNewTokens: number;
  /** Tokens that end a row and are its last. Default: the model's `eosIds`; `[]` never stops early. */
  readonly stopIds?: readonly number[];
  /** Only tokens below this are drawn, for a model with more columns than its tokenizer has tokens. Default all. */
  readonly vocabSize?: number;
  readonly signal?: AbortSignal;
}

/** Why a row ended: a token of `stopIds`, or `maxNewTokens`. */
export type FinishReason = "stop" | "length";

/** One token of one row. */
export interface GeneratedToken extends SampledToken {
  readonly row: number;
  /** Set with the last token of the row. */
  readonly finishReason: FinishReason | null;
}

/** A step: one token for each row that has not ended. */
export interface GenerateEvent {
  readonly type: "tokens";
  readonly step: number;
  readonly total: number;
  readonly data: readonly GeneratedToken[];
}

/** A finished row, without its prompt. */
export interface Generation {
  readonly tokens: Int32Array;
  /** log p of each token under the distribution it was drawn from (temperature, top-k, top-p, min-p), nats. */
  readonly logprobs: Float32Array;
  /** log p of each token with the temperature alone, nats. */
  readonly rawLogprobs: Float32Array;
  readonly finishReason: FinishReason;
}

interface Row {
  readonly index: number;
  readonly rng: Rng;
  /** The prompt and what followed. */
  readonly tokens: number[];
  readonly drawn: GeneratedToken[];
}

/**
 * Continues prompts, one token for all rows each step.
 *
 *   x_t ~ process(logits(x₀ … x_{t−1}))   with noise from (seed of the row, t) alone
 *
 * So what a row becomes depends neither on its neighbours nor on their number, as long as rounding decides no choice.
 * Keys and values are kept in a cache of 64·2^k positions; prompts are padded on the right, where nothing sees it.
 *
 * @returns the rows, in the order of the prompts.
 * @throws ValueError for no or empty prompts, tokens outside the vocabulary, a prompt too long for `maxNewTokens` more,
 *   or options outside their domain.
 * @throws ConfigError unless there is one seed or one for each prompt.
 * @throws AbortedError when the signal fires.
 */
export async function* generate<Cache extends Disposable>(
  model: GeneratingModel<Cache>,
  requests: GenerateRequests,
  options: GenerateOptions,
): AsyncGenerator<GenerateEvent, Generation[]> {
  const { maxNewTokens, stopIds = model.config.eosIds, vocabSize = model.vocabSize, signal } = options;
  checkOptions(model, options);
  const rows = openRows(model, requests, maxNewTokens);
  let active: readonly Row[] = rows;
  let decoder: Decoder | undefined;
  try {
    for (let step = 0; step < maxNewTokens && active.length > 0; step++) {
      throwIfAborted(signal);
      const longest = Math.max(...rows.map(({ tokens }) => tokens.length));
      if (decoder === undefined || longest > decoder.length) {
        decoder?.dispose();
        decoder = openDecoder(model, rows, longest);
      }
      const logits = await decoder.next(rows);
      const data = active.map((row): GeneratedToken => {
        const start = row.index * model.vocabSize;
        const noise = row.rng.split(`position:${row.tokens.length}`);
        const sampled = sampleToken(logits.subarray(start, start + vocabSize), options, noise);
        const last = step + 1 === maxNewTokens ? "length" : null;
        return { row: row.index, ...sampled, finishReason: stopIds.includes(sampled.token) ? "stop" : last };
      });
      for (const token of data) {
        rows[token.row]!.tokens.push(token.token);
        rows[token.row]!.drawn.push(token);
      }
      active = active.filter(({ drawn }) => drawn.at(-1)!.finishReason === null);
      yield { type: "tokens", step, total: maxNewTokens, data };
    }
  } finally {
    decoder?.dispose();
  }
  return rows.map(({ drawn }) => ({
    tokens: Int32Array.from(drawn, ({ token }) => token),
    logprobs: Float32Array.from(drawn, ({ logprob }) => logprob),
    rawLogprobs: Float32Array.from(drawn, ({ rawLogprob }) => rawLogprob),
    finishReason: drawn.at(-1)!.finishReason!,
  }));
}

/** {@link generate} to its end. */
export async function generateAll<Cache extends Disposable>(
  model: GeneratingModel<Cache>,
  requests: GenerateRequests,
  options: GenerateOptions,
): Promise<Generation[]> {
  const steps = generate(model, requests, options);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
  }
}

/** A cache that holds the rows so far, and the step that reads the last token of each. */
interface Decoder extends Disposable {
  /** How long a row may grow. */
  readonly length: number;
  /** The logits after the last token of each row, `[B · V]`. */
  next(rows: readonly Row[]): Promise<Float32Array>;
}

/** Outgrown caches are not copied but filled anew: lengths double, so that costs one more pass over each token at most. */
function openDecoder<Cache extends Disposable>(
  model: GeneratingModel<Cache>,
  rows: readonly Row[],
  longest: number,
): Decoder {
  let length = 64;
  while (length < longest) length *= 2;
  length = Math.min(length, model.config.maxPositions);
  const cache = model.openCache(rows.length, length);
  const step = jit((tokens: tf.Tensor2D, positions: tf.Tensor2D) => model.logits(tokens, { cache, positions }));

  const prompts = new Int32Array(rows.length * longest);
  for (const row of rows) prompts.set(row.tokens, row.index * longest);
  tf.tidy(() => {
    model.hidden(tf.tensor2d(prompts, [rows.length, longest], "int32"), { cache });
  });

  return {
    length,
    async next(rows) {
      const column = (values: number[]) => tf.tensor2d(values, [rows.length, 1], "int32");
      // The last token is in the cache already after the first pass, and is written there again.
      const tokens = column(rows.map((row) => row.tokens.at(-1)!));
      const positions = column(rows.map((row) => row.tokens.length - 1));
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

function openRows(
  model: { readonly vocabSize: number; readonly config: { readonly maxPositions: number } },
  { prompts, seed, seeds }: GenerateRequests,
  maxNewTokens: number,
): Row[] {
  if (prompts.length === 0)
    throw new ValueError("generate: prompts must not be empty, got none", { argument: "prompts", value: prompts });
  if ((seed === undefined) === (seeds === undefined) || (seeds !== undefined && seeds.length !== prompts.length))
    throw new ConfigError(
      `generate: there must be either seed or seeds, one for each of ${prompts.length} prompts, ` +
        `got seed ${seed} and ${seeds?.length ?? "no"} seeds`,
    );
  const limit = model.config.maxPositions - maxNewTokens;
  return prompts.map((prompt, index) => {
    if (prompt.length < 1 || prompt.length > limit)
      throw new ValueError(
        `generate: prompts must have 1 to ${limit} tokens (maxPositions ${model.config.maxPositions} − maxNewTokens ` +
          `${maxNewTokens}), got ${prompt.length} in row ${index}`,
        { argument: "prompts", index, value: prompt.length },
      );
    checkTokens("generate", prompt, model.vocabSize, index);
    const rng = seeds === undefined ? createRng(seed!).split(`row:${index}`) : createRng(seeds[index]!);
    return { index, rng, tokens: [...prompt], drawn: [] };
  });
}

function checkOptions(model: { readonly vocabSize: number }, options: GenerateOptions): void {
  checkSampling("generate", options);
  const { maxNewTokens, vocabSize = model.vocabSize } = options;
  for (const [argument, value, most] of [
    ["maxNewTokens", maxNewTokens, Number.MAX_SAFE_INTEGER],
    ["vocabSize", vocabSize, model.vocabSize],
  ] as const)
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw new ValueError(`generate: ${argument} must be an integer in [1, ${most}], got ${value}`, {
        argument,
        value,
      });
}
