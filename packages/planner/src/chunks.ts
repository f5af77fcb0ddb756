import { createRng, ValueError } from "@x/core";
import { type PlanCorpus, type PlannedDocument, planIndexPerToken } from "./corpus.js";

/**
 * A batch of chunks with its planner inputs, on the host. B rows, T tokens, S planned sentences, vectors of length D;
 * row p of the planner's output plans one sentence from the vectors of rows ≤ p.
 */
export interface PlanBatch {
  /** B, T, S and D. */
  readonly shape: { readonly rows: number; readonly length: number; readonly sentences: number; readonly dim: number };
  /** `[B, T]`. */
  readonly tokens: Int32Array;
  /** `[B, T]`, the token after each. */
  readonly labels: Int32Array;
  /** `[B, T]`, 1 where the label counts. */
  readonly lossMask: Float32Array;
  /** `[B, T]`, the planner's row for each token, by the shift rule. */
  readonly planOfToken: Int32Array;
  /** `[B, S, D]`, the sentence **before** the one that the row plans. */
  readonly vectors: Float32Array;
  /** `[B, S]`, 1 where there is such a sentence. */
  readonly vectorMask: Float32Array;
  /** `[B, S]`, the true action of the sentence that the row plans. */
  readonly actions: Int32Array;
  /** `[B, S]`, 1 where that action counts: the sentence begins in this chunk. */
  readonly actionMask: Float32Array;
  /** `[B]`, the document of each row, −1 for an empty row. */
  readonly document: Int32Array;
  /** `[B]`, the position in the document of the row's first token. */
  readonly start: Int32Array;
}

/** Options of {@link planChunks}. */
export interface PlanChunksOptions {
  /** T. */
  readonly length: number;
  /** How far the next chunk begins behind the last one. Default `length`; 1 gives every label the longest context. */
  readonly stride?: number;
  /** B. */
  readonly batchSize: number;
  /** How many sentences before the first planned one the planner looks at; `planner.reach`. Default 0. */
  readonly reach?: number;
  /** Shuffles the chunks anew each epoch and makes the batches endless. Without it they come once and in order. */
  readonly seed?: number | string;
}

/** Chunks of a corpus. A batch is a function of its number alone: the step is the cursor. */
export interface PlanChunks {
  /** Number of chunks. */
  readonly count: number;
  /** Number of batches an epoch, the last one possibly padded. */
  readonly batches: number;
  batch(index: number): PlanBatch;
}

interface Chunk {
  readonly document: number;
  /** First token. */
  readonly start: number;
  /** First token whose label counts. */
  readonly fresh: number;
  /** One behind the last token that has a label. */
  readonly end: number;
  /** The sentence that the planner's row 0 plans. */
  readonly firstRow: number;
}

/**
 * Cuts documents into chunks of fixed shape: T tokens with their next tokens as labels. Every token but a document's
 * first is a counted label exactly once; every sentence is a counted action exactly once; no chunk crosses documents.
 *
 * A chunk brings the vectors of as many earlier sentences as the planner looks at, so that a plan is the same in every
 * chunk, also that of a sentence which began chunks ago. S is the largest number of rows that any chunk needs.
 *
 * @throws ValueError for a length or batch size below 1, a stride outside [1, length] or a reach below 0.
 */
export function planChunks(corpus: PlanCorpus, options: PlanChunksOptions): PlanChunks {
  const { length, stride = length, batchSize, reach = 0, seed } = options;
  check("length", length, 1);
  check("stride", stride, 1, length);
  check("batchSize", batchSize, 1);
  check("reach", reach, 0);

  const plans = corpus.documents.map(planIndexPerToken);
  const chunks = corpus.documents.flatMap((document, i) => cut(document, i, plans[i]!, { length, stride, reach }));
  const sentences = chunks.reduce((most, c) => Math.max(most, plans[c.document]![c.end - 1]! - c.firstRow + 1), 1);
  const shape = { rows: batchSize, length, sentences, dim: corpus.codebook.dim };
  const order = epochOrder(chunks.length, seed);

  return {
    count: chunks.length,
    batches: Math.ceil(chunks.length / batchSize),
    batch(index) {
      const batch = emptyBatch(shape);
      for (let row = 0; row < batchSize; row++) {
        const chunk = chunks[order(index * batchSize + row)];
        if (chunk !== undefined) fillRow(batch, row, corpus.documents[chunk.document]!, plans[chunk.document]!, chunk);
      }
      return batch;
    },
  };
}

function check(argument: string, value: number, minimum: number, maximum = Number.POSITIVE_INFINITY): void {
  if (!(Number.isInteger(value) && value >= minimum && value <= maximum))
    throw new ValueError(`planChunks: ${argument} must be an integer in [${minimum}, ${maximum}], got ${value}`, {
      argument,
      value,
    });
}

function cut(
  document: PlannedDocument,
  index: number,
  plan: Int32Array,
  { length, stride, reach }: { length: number; stride: number; reach: number },
): Chunk[] {
  const inputs = document.tokens.length - 1;
  const chunks: Chunk[] = [];
  let fresh = 0;
  for (let start = 0; fresh < inputs; start += stride) {
    const end = Math.min(start + length, inputs);
    chunks.push({ document: index, start, fresh, end, firstRow: Math.max(0, plan[start]! - reach) });
    fresh = end;
  }
  return chunks;
}

/** Which chunk comes at a position of the endless stream; −1 behind the end of an unshuffled one. */
function epochOrder(count: number, seed: number | string | undefined): (position: number) => number {
  if (seed === undefined) return (position) => (position < count ? position : -1);
  const rng = createRng(seed);
  const identity = Array.from({ length: count }, (_, i) => i);
  let epoch = -1;
  let order = identity;
  return (position) => {
    const wanted = Math.floor(position / count);
    if (wanted !== epoch) order = rng.split(`epoch ${wanted}`).shuffle(identity);
    epoch = wanted;
    return order[position % count]!;
  };
}

function emptyBatch(shape: PlanBatch["shape"]): PlanBatch {
  const { rows, length, sentences, dim } = shape;
  return {
    shape,
    tokens: new Int32Array(rows * length),
    labels: new Int32Array(rows * length),
    lossMask: new Float32Array(rows * length),
    planOfToken: new Int32Array(rows * length),
    vectors: new Float32Array(rows * sentences * dim),
    vectorMask: new Float32Array(rows * sentences),
    actions: new Int32Array(rows * sentences),
    actionMask: new Float32Array(rows * sentences),
    document: new Int32Array(rows).fill(-1),
    start: new Int32Array(rows),
  };
}

function fillRow(batch: PlanBatch, row: number, document: PlannedDocument, plan: Int32Array, chunk: Chunk): void {
  const { length, sentences, dim } = batch.shape;
  const { start, fresh, end, firstRow } = chunk;
  batch.document[row] = chunk.document;
  batch.start[row] = start;
  batch.tokens.set(document.tokens.subarray(start, end), row * length);
  batch.labels.set(document.tokens.subarray(start + 1, end + 1), row * length);
  batch.lossMask.fill(1, row * length + fresh - start, row * length + end - start);
  for (let t = start; t < end; t++) batch.planOfToken[row * length + t - start] = plan[t]! - firstRow;

  for (let sentence = firstRow; sentence <= plan[end - 1]!; sentence++) {
    const at = row * sentences + sentence - firstRow;
    if (sentence > 0) {
      batch.vectors.set(document.sentenceVectors.subarray((sentence - 1) * dim, sentence * dim), at * dim);
      batch.vectorMask[at] = 1;
    }
    batch.actions[at] = document.actions[sentence]!;
    const firstToken = document.sentenceStart[sentence]!;
    batch.actionMask[at] = firstToken > fresh && firstToken <= end ? 1 : 0;
  }
}
