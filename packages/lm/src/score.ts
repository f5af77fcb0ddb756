import { setImmediate } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import { throwIfAborted, ValueError } from "@x/core";
import { jit, nn } from "@x/runtime";
import { checkTokens } from "./check-tokens.js";
import type { LogitModel } from "./loss.js";
import { isFloat32 } from "./sampling.js";

/** The part of a causal language model that scoring needs. */
export interface ScoringModel extends LogitModel {
  readonly config: { readonly maxPositions: number };
}

/** How rows are scored. */
export interface ScoreOptions {
  /** Rows a pass, fewer are filled up. Default 16. */
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
 * @throws ValueError for an empty prompt (a bos token is one), a token outside the vocabulary, or a pair of more than
 *   `maxPositions + 1` tokens (the last one is not read), or options outside their domain.
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
  for await (const logprobs of rowLogprobs("scoreLogprobs", model, rows, options)) {
    const continuation = logprobs.subarray(pairs[index]!.prompt.length - 1);
    yield { index: index++, logprobs: continuation, total: continuation.reduce((a, b) => a + b, 0) };
  }
}

const pass = jit((model: ScoringModel, inputs: tf.Tensor2D, labels: tf.Tensor2D, temperature: tf.Scalar) =>
  nn.gatherLogprobs(tf.div(model.logits(inputs), temperature), labels),
);

/**
 * log p(xₜ | x₀ … xₜ₋₁) for t = 1 … n − 1 of each row, in order.
 *
 * The model reads the first n − 1 tokens. Rows are padded on the right to powers of two, which a causal model does not
 * see and which leaves few shapes; a pass has `batchSize` rows, however few there are.
 *
 * @param caller - the function that messages name.
 * @throws ValueError for a row without tokens or with more than `maxPositions + 1`, a token outside the vocabulary, or
 *   options outside their domain.
 */
export async function* rowLogprobs(
  caller: string,
  model: ScoringModel,
  rows: Iterable<Int32Array>,
  { batchSize = 16, temperature = 1, signal }: ScoreOptions = {},
): AsyncGenerator<Float32Array> {
  if (!Number.isSafeInteger(batchSize) || batchSize < 1)
    throw new ValueError(`${caller}: batchSize must be a positive integer, got ${batchSize}`, {
      argument: "batchSize",
      value: batchSize,
    });
  if (!isFloat32(temperature))
    throw new ValueError(
      `${caller}: temperature must be positive, got ${temperature}, in float32 ${Math.fround(temperature)}`,
      {
        argument: "temperature",
        value: temperature,
      },
    );
  let first = 0; // the row that the batch begins with
  for (const batch of chunks(rows, batchSize)) {
    await setImmediate(); // lets signals and servers have their turn
    throwIfAborted(signal);
    batch.forEach((row, i) => {
      checkRow(caller, model, row, first + i);
    });
    first += batch.length;
    const longest = Math.max(...batch.map((row) => row.length - 1), 16);
    const length = Math.min(2 ** Math.ceil(Math.log2(longest)), model.config.maxPositions);
    const inputs = stack(
      batch.map((row) => row.subarray(0, -1)),
      batchSize,
      length,
    );
    const labels = stack(
      batch.map((row) => row.subarray(1)),
      batchSize,
      length,
    );
    const made: tf.Tensor[] = [inputs, labels];
    let values: Float32Array;
    try {
      const logprobs = tf.tidy(() => pass(model, inputs, labels, tf.scalar(temperature)));
      made.push(logprobs);
      values = await logprobs.data<"float32">();
    } finally {
      tf.dispose(made);
    }
    for (const [i, row] of batch.entries()) yield values.slice(i * length, i * length + row.length - 1);
  }
}

/** `[B, T]`, zeros where a row ends and for rows that are not there. */
function stack(rows: readonly Int32Array[], batchSize: number, length: number): tf.Tensor2D {
  const padded = new Int32Array(batchSize * length);
  rows.forEach((row, i) => {
    padded.set(row, i * length);
  });
  return tf.tensor2d(padded, [batchSize, length], "int32");
}

/** Refuses a row that the model cannot read: cutting it would change its meaning without a word. */
function checkRow(caller: string, model: ScoringModel, row: Int32Array, index: number): void {
  const most = model.config.maxPositions + 1;
  if (row.length < 1 || row.length > most)
    throw new ValueError(`${caller}: rows must have 1 to ${most} tokens, got ${row.length} in row ${index}`, {
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
