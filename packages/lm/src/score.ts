import * as tf from "@tensorflow/tfjs-core";
import { throwIfAborted, ValueError } from "@x/core";
import { jit } from "@x/runtime";
import { checkTokens } from "./check-tokens.js";
import { type LogitModel, tokenLogprobs } from "./loss.js";

/** The part of a causal language model that scoring needs. */
export interface ScoringModel extends LogitModel {
  readonly config: { readonly maxPositions: number };
}

/** How rows are scored. */
export interface ScoreOptions {
  /** Rows a pass. Default 16. */
  readonly batchSize?: number;
  /** Divides the logits, as sampling does. Default 1. */
  readonly temperature?: number;
  readonly signal?: AbortSignal;
}

/** A continuation and the text it is scored after. */
export interface ScoredPair {
  readonly prompt: Int32Array;
  readonly continuation: Int32Array;
}

/** What a continuation scored. */
export interface PairScore {
  /** The place of the pair among those asked for. */
  readonly index: number;
  /** log p of each token of the continuation after all before it, nats. */
  readonly logprobs: Float32Array;
  /** Their sum: log p(continuation | prompt), nats. */
  readonly total: number;
}

/**
 * The log-probabilities of continuations by teacher forcing, in the order of the pairs.
 *
 *   log p(c | prompt) = Σᵢ log p(cᵢ | prompt, c₁ … cᵢ₋₁)
 *
 * @throws ValueError for an empty prompt (a bos token is one), a token outside the vocabulary, or more tokens than the
 *   model's `maxPositions`.
 */
export async function* scoreLogprobs(
  model: ScoringModel,
  pairs: readonly ScoredPair[],
  options: ScoreOptions = {},
): AsyncGenerator<PairScore> {
  const rows = pairs.map(({ prompt, continuation }, index) => {
    if (prompt.length === 0)
      throw new ValueError(`scoreLogprobs: prompts must not be empty, got none for pair ${index}`, {
        argument: "pairs",
        index,
        value: prompt,
      });
    return Int32Array.from([...prompt, ...continuation]);
  });
  let index = 0;
  for await (const logprobs of rowLogprobs(model, rows, options)) {
    const continuation = logprobs.subarray(pairs[index]!.prompt.length - 1);
    yield { index: index++, logprobs: continuation, total: continuation.reduce((a, b) => a + b, 0) };
  }
}

/**
 * log p(xₜ | x₀ … xₜ₋₁) for t = 1 … n − 1 of each row, in order. Rows are padded on the right to powers of two, which
 * a causal model does not see.
 */
export async function* rowLogprobs(
  model: ScoringModel,
  rows: Iterable<Int32Array>,
  { batchSize = 16, temperature = 1, signal }: ScoreOptions = {},
): AsyncGenerator<Float32Array> {
  const pass = jit((tokens: tf.Tensor2D) => tokenLogprobs(model, tokens, { temperature }));
  for (const batch of chunks(rows, batchSize)) {
    throwIfAborted(signal);
    const longest = Math.max(...batch.map((row) => row.length));
    const length = Math.min(2 ** Math.ceil(Math.log2(Math.max(longest, 16))), model.config.maxPositions);
    const padded = new Int32Array(batchSize * length);
    batch.forEach((row, i) => {
      checkRow("rowLogprobs", model, row, i);
      padded.set(row, i * length);
    });
    const tokens = tf.tensor2d(padded, [batchSize, length], "int32");
    const logprobs = pass(tokens);
    const values = (await logprobs.data()) as Float32Array;
    tf.dispose([tokens, logprobs]);
    for (const [i, row] of batch.entries()) yield values.slice(i * (length - 1), i * (length - 1) + row.length - 1);
  }
}

/** Refuses a row that the model cannot read: cutting it would change its meaning without a word. */
function checkRow(caller: string, model: ScoringModel, row: Int32Array, index: number): void {
  const { maxPositions } = model.config;
  if (row.length < 1 || row.length > maxPositions)
    throw new ValueError(`${caller}: rows must have 1 to ${maxPositions} tokens, got ${row.length} in row ${index}`, {
      argument: "rows",
      index,
      value: row.length,
    });
  checkTokens(caller, row, model.vocabSize, index);
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
