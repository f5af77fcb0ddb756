import { createRng, ShapeError, ValueError } from "@x/core";

/** A tokenized document; with `lossMask`, only the tokens where it is not 0 are learnt. */
export type TokenDocument = Int32Array | { readonly tokens: Int32Array; readonly lossMask: ArrayLike<number> };

/** A row of fixed length `T`. */
export interface TokenSequence {
  readonly tokens: Int32Array;
  /** The weight of each token as a label, to be predicted from the tokens before it; the first token's is 0. */
  readonly lossMask: Float32Array;
}

/** Rows of equal length one after another, `[B, T]`. */
export interface TokenBatch extends TokenSequence {
  readonly shape: readonly [rows: number, length: number];
}

/** How `packDocuments` cuts. */
export interface PackOptions {
  /** The length `T` of every sequence, at least 2. */
  readonly length: number;
  /** `"pad"`: sequences of one document each, the last one padded. `"pack"`: documents one after another, cut as one. */
  readonly mode: "pad" | "pack";
  /** How far the window moves, 1 … length − 1. Default length − 1; less gives each label more context, for more work. */
  readonly stride?: number;
  /** A token to be put after every document, and the padding. Default none, and 0. */
  readonly eos?: number;
}

/**
 * Cuts documents into sequences of one length, in which every token is a label exactly once, but the first of a
 * document (`"pad"`) or of all (`"pack"`), which nothing precedes.
 *
 *   window k = tokens[k·stride … k·stride + length), its labels: the tokens that no earlier window held
 *
 * Padding follows the text, where a causal model does not see it, and has weight 0.
 *
 * @throws ValueError for a length below 2, a stride outside 1 … length − 1, or documents without a single label.
 * @throws ShapeError for a document whose loss mask is not as long as its tokens.
 */
export function* packDocuments(documents: Iterable<TokenDocument>, options: PackOptions): Generator<TokenSequence> {
  const { length, mode, stride = length - 1, eos } = options;
  if (!Number.isInteger(length) || length < 2)
    throw new ValueError(`packDocuments: length must be an integer ≥ 2, got ${length}`, {
      argument: "length",
      value: length,
    });
  if (!Number.isInteger(stride) || stride < 1 || stride >= length)
    throw new ValueError(`packDocuments: stride must be in [1, ${length - 1}], got ${stride}`, {
      argument: "stride",
      value: stride,
    });
  let found = false;
  const read = Array.from(documents, (document, index) => withMask(document, index, eos));
  for (const { tokens, lossMask } of mode === "pad" ? read : [concatenate(read)]) {
    for (let begin = 0, labelled = 1; labelled < tokens.length; begin += stride) {
      const end = Math.min(begin + length, tokens.length);
      const window = { tokens: new Int32Array(length).fill(eos ?? 0), lossMask: new Float32Array(length) };
      window.tokens.set(tokens.subarray(begin, end));
      window.lossMask.set(lossMask.subarray(labelled, end), labelled - begin);
      labelled = end;
      found = true;
      yield window;
    }
  }
  if (!found)
    throw new ValueError(`packDocuments: documents must hold a token to predict, got ${read.length} without one`, {
      argument: "documents",
      value: read.length,
    });
}

/** Groups sequences into batches in their order; the last batch is filled up with rows of weight 0. */
export function* batchSequences(sequences: Iterable<TokenSequence>, batchSize: number): Generator<TokenBatch> {
  if (!Number.isInteger(batchSize) || batchSize < 1)
    throw new ValueError(`batchSequences: batchSize must be a positive integer, got ${batchSize}`, {
      argument: "batchSize",
      value: batchSize,
    });
  let rows: TokenSequence[] = [];
  for (const sequence of sequences) {
    rows.push(sequence);
    if (rows.length < batchSize) continue;
    yield stack(rows, batchSize);
    rows = [];
  }
  if (rows.length > 0) yield stack(rows, batchSize);
}

/**
 * Batches without end for training: every pass over the sequences is in a new order, decided by the seed and the
 * number of the pass alone, and a batch may reach from one pass into the next. The same seed gives the same batches, so
 * that `fit` can resume by skipping.
 *
 * @throws ValueError for no sequences.
 */
export function shuffledBatches(
  sequences: readonly TokenSequence[],
  options: { readonly batchSize: number; readonly seed: number | string },
): Generator<TokenBatch> {
  if (sequences.length === 0)
    throw new ValueError("shuffledBatches: there must be at least one sequence, got none", {
      argument: "sequences",
      value: 0,
    });
  return batchSequences(passes(sequences, options.seed), options.batchSize);
}

function* passes(sequences: readonly TokenSequence[], seed: number | string): Generator<TokenSequence> {
  const rng = createRng(seed);
  for (let pass = 0; ; pass++) yield* rng.split(`pass:${pass}`).shuffle(sequences);
}

function stack(rows: readonly TokenSequence[], batchSize: number): TokenBatch {
  const length = rows[0]!.tokens.length;
  const tokens = new Int32Array(batchSize * length);
  const lossMask = new Float32Array(batchSize * length);
  rows.forEach((row, i) => {
    if (row.tokens.length !== length || row.lossMask.length !== length)
      throw new ShapeError(
        `batchSequences: sequences must have one length, got ${row.tokens.length} tokens after ${length}`,
      );
    tokens.set(row.tokens, i * length);
    lossMask.set(row.lossMask, i * length);
  });
  return { tokens, lossMask, shape: [batchSize, length] };
}

function withMask(document: TokenDocument, index: number, eos: number | undefined): TokenSequence {
  const { tokens, lossMask } =
    document instanceof Int32Array
      ? { tokens: document, lossMask: new Float32Array(document.length).fill(1) }
      : document;
  if (lossMask.length !== tokens.length)
    throw new ShapeError(
      `packDocuments: lossMask of document ${index} must have ${tokens.length} entries, got ${lossMask.length}`,
    );
  const read = { tokens, lossMask: Float32Array.from(lossMask) };
  return eos === undefined ? read : concatenate([read, { tokens: Int32Array.of(eos), lossMask: Float32Array.of(1) }]);
}

function concatenate(parts: readonly TokenSequence[]): TokenSequence {
  const length = parts.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const whole = { tokens: new Int32Array(length), lossMask: new Float32Array(length) };
  let at = 0;
  for (const { tokens, lossMask } of parts) {
    whole.tokens.set(tokens, at);
    whole.lossMask.set(lossMask, at);
    at += tokens.length;
  }
  return whole;
}
