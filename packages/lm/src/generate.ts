import { setImmediate } from "node:timers/promises";
import { ConfigError, createRng, type Rng, throwIfAborted, ValueError } from "@x/core";
import { checkTokens } from "./check-tokens.js";
import { type Decoder, type Disposable, type GeneratingModel, openDecoder } from "./decoder.js";
import { checkSampling, type SampledToken, type SamplingOptions, sampleToken } from "./sampling.js";

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
  /** log p of each token with the temperature alone (at temperature 0: with temperature 1), nats. */
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
 * Nothing but the last token of each row is computed anew: see `openDecoder`.
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
      await setImmediate(); // lets signals and servers have their turn
      throwIfAborted(signal);
      const texts = rows.map(({ tokens }) => tokens);
      if (decoder === undefined || texts.some((tokens) => tokens.length > decoder!.length)) {
        decoder?.dispose();
        decoder = openDecoder(model, texts);
      }
      const logits = await decoder.next(texts);
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
