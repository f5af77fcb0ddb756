import { setImmediate } from "node:timers/promises";
import { ConfigError, createRng, throwIfAborted, ValueError } from "@x/core";
import { checkTokens } from "./check-tokens.js";
import { type Continuation, openDecoder } from "./decoder.js";
import type { GeneratingModel, GrowingCache } from "./generating-model.js";
import { checkSampling, type SamplingOptions } from "./sampling.js";

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
  /** Rows in a pass; when one ends, the next prompt takes its place. Default: all prompts at once. */
  readonly batchSize?: number;
  /**
   * Tokens that a row is continued by before events, signal and free places have their turn. Default 64, and 32 when there
   * are more prompts than places.
   */
  readonly chunk?: number;
  readonly signal?: AbortSignal;
}

/** Why a row ended: a token of `stopIds`, or `maxNewTokens`. */
export type FinishReason = "stop" | "length";

/** One token of one row. */
export interface GeneratedToken {
  readonly row: number;
  readonly token: number;
  /** See {@link Generation}. */
  readonly logprob: number;
  /** See {@link Generation}. */
  readonly rawLogprob: number;
  /** Set with the last token of the row. */
  readonly finishReason: FinishReason | null;
}

/** A step: one token for each row that is in the pass and has not ended. */
export interface GenerateEvent {
  readonly type: "tokens";
  readonly step: number;
  /** The most steps that there can be. */
  readonly total: number;
  readonly data: readonly GeneratedToken[];
}

/** A finished row, without its prompt. */
export interface Generation {
  readonly tokens: Int32Array;
  /** log p of each token under the distribution it was drawn from (temperature, top-k, top-p, min-p), nats. */
  readonly logprobs: Float32Array;
  /** log p of each token with the temperature alone (at temperature 0: with temperature 1), nats. */
  readonly rawLogprobs: Float32Array;
  readonly finishReason: FinishReason;
}

interface Row {
  readonly index: number;
  readonly key: number;
  /** The prompt and what followed. */
  readonly tokens: number[];
  readonly drawn: GeneratedToken[];
}

const isDone = ({ drawn }: Row) => drawn.length > 0 && drawn.at(-1)!.finishReason !== null;

/**
 * Continues prompts, one token for all rows each step.
 *
 *   x_t ~ process(logits(x₀ … x_{t−1}))   with noise from (seed of the row, t) alone
 *
 * So what a row becomes depends neither on its neighbours nor on their number, their order or `chunk`, as long as rounding
 * decides no choice. Nothing but the last token of each row is computed anew: see `openDecoder`.
 *
 * @returns the rows, in the order of the prompts.
 * @throws ValueError for no or empty prompts, tokens outside the vocabulary, a prompt too long for `maxNewTokens` more,
 *   options outside their domain, or logits that are not numbers.
 * @throws ConfigError unless there is one seed or one for each prompt.
 * @throws AbortedError when the signal fires.
 */
export async function* generate<Cache extends GrowingCache>(
  model: GeneratingModel<Cache>,
  requests: GenerateRequests,
  options: GenerateOptions,
): AsyncGenerator<GenerateEvent, Generation[]> {
  const { maxNewTokens, stopIds = model.config.eosIds, vocabSize = model.vocabSize, signal } = options;
  checkOptions(model, options);
  const rows = openRows(model, requests, maxNewTokens);
  const places: (Row | undefined)[] = Array(Math.min(options.batchSize ?? rows.length, rows.length)).fill(undefined);
  const { chunk = Math.min(places.length < rows.length ? 32 : 64, model.config.maxPositions) } = options;
  const total = mostSteps(rows.length, places.length, maxNewTokens, chunk);
  const longest = Math.max(...rows.map(({ tokens }) => tokens.length)) + maxNewTokens;
  const decoder = openDecoder(model, places.length, { ...options, stopIds, vocabSize, chunk, longest });
  const waiting = rows.values();
  let step = 0;
  try {
    for (;;) {
      await setImmediate(); // lets signals and servers have their turn
      throwIfAborted(signal);
      const begun = new Map<number, readonly number[]>();
      for (const [place, row] of places.entries()) {
        if (row !== undefined && !isDone(row)) continue;
        places[place] = waiting.next().value;
        if (places[place] !== undefined) begun.set(place, places[place].tokens);
      }
      if (places.every((row) => row === undefined)) break;
      if (begun.size > 0) decoder.begin(begun);
      const continuations = await decoder.next(
        places.map(
          (row) => row && { text: row.tokens, steps: Math.min(chunk, maxNewTokens - row.drawn.length), key: row.key },
        ),
      );
      const drawn = places.map((row, place) => (row ? take(row, continuations[place]!, maxNewTokens, stopIds) : []));
      const turns = Math.max(...drawn.map((tokens) => tokens.length));
      for (let turn = 0; turn < turns; turn++)
        yield { type: "tokens", step: step++, total, data: drawn.flatMap((tokens) => tokens.slice(turn, turn + 1)) };
    }
  } finally {
    decoder.dispose();
  }
  return rows.map(({ drawn }) => ({
    tokens: Int32Array.from(drawn, ({ token }) => token),
    logprobs: Float32Array.from(drawn, ({ logprob }) => logprob),
    rawLogprobs: Float32Array.from(drawn, ({ rawLogprob }) => rawLogprob),
    finishReason: drawn.at(-1)!.finishReason!,
  }));
}

/** Rows that begin together end after `maxNewTokens`; one that takes a place is in step with its neighbours' turns. */
function mostSteps(rows: number, places: number, maxNewTokens: number, chunk: number): number {
  if (rows === places) return maxNewTokens;
  return Math.ceil(rows / places) * Math.ceil(maxNewTokens / chunk) * Math.min(maxNewTokens, chunk);
}

/** Adds a continuation to its row, and gives its tokens. */
function take(
  row: Row,
  { tokens, logprobs, rawLogprobs }: Continuation,
  maxNewTokens: number,
  stopIds: readonly number[],
): readonly GeneratedToken[] {
  const broken = rawLogprobs.findIndex(Number.isNaN);
  if (broken !== -1)
    throw new ValueError(
      `generate: logits must be numbers below ∞ of which one is finite, got others in row ${row.index} at position ` +
        `${row.tokens.length + broken}`,
      { argument: "model", index: row.index, value: Number.NaN },
    );
  const before = row.drawn.length;
  for (const [i, token] of tokens.entries()) {
    const last = before + i + 1 === maxNewTokens ? "length" : null;
    const finishReason = stopIds.includes(token) ? "stop" : last;
    row.tokens.push(token);
    row.drawn.push({ row: row.index, token, logprob: logprobs[i]!, rawLogprob: rawLogprobs[i]!, finishReason });
  }
  return row.drawn.slice(before);
}

/** {@link generate} to its end. */
export async function generateAll<Cache extends GrowingCache>(
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
    return { index, key: rng.seed(), tokens: [...prompt], drawn: [] };
  });
}

function checkOptions(
  model: { readonly vocabSize: number; readonly config: { readonly maxPositions: number } },
  options: GenerateOptions,
): void {
  const { maxPositions } = model.config;
  checkSampling("generate", options);
  const { maxNewTokens, vocabSize = model.vocabSize, batchSize = 1, chunk = 1 } = options;
  for (const [argument, value, most] of [
    ["maxNewTokens", maxNewTokens, maxPositions - 1],
    ["batchSize", batchSize, Number.MAX_SAFE_INTEGER],
    ["chunk", chunk, maxPositions],
    ["vocabSize", vocabSize, model.vocabSize],
  ] as const)
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      throw new ValueError(`generate: ${argument} must be an integer in [1, ${most}], got ${value}`, {
        argument,
        value,
      });
}
