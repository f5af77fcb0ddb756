import { ConfigError, ShapeError, ValueError } from "@x/core";
import { bitsPerByte, meanNll, mergeNll, type NllSum, slidingWindows, TokenNll } from "@x/metrics/lm";
import { rowLogprobs, type ScoreOptions, type ScoringModel } from "./score.js";

/** How documents are scored. */
export interface PerplexityOptions extends Omit<ScoreOptions, "temperature"> {
  /** Tokens that the model reads at once. Default `maxPositions`. */
  readonly contextLength?: number;
  /**
   * Tokens that each window scores, 1 … contextLength; fewer give each token more context, for more work. Default
   * contextLength.
   */
  readonly stride?: number;
  /** A token to put before every document, whose first token is then scored too. Default none. */
  readonly bos?: number;
  /** The length of every document in UTF-8 bytes, for bits per byte; needs `bos`, so that every byte is scored. */
  readonly bytes?: readonly number[];
}

/** What a corpus scored. */
export interface CorpusPerplexity {
  /** Nats per token, over all tokens together. */
  readonly nll: number;
  /** exp(nll). */
  readonly perplexity: number;
  /** How many tokens were scored. */
  readonly tokens: number;
  /** Comparable between tokenizers; when `bytes` were given. */
  readonly bitsPerByte?: number;
  /** Sum and count of every document, for intervals over documents. */
  readonly documents: readonly NllSum[];
}

/**
 * The perplexity of documents under a model, each token scored exactly once, each document by itself.
 *
 *   exp(−Σ_d Σₜ log p(x_dt | x_d,<t) / Σ_d n_d)
 *
 * Without `bos` the first token of a document has no prediction and is not counted.
 *
 * @throws ValueError for documents without a token to score, a context longer than `maxPositions`, a stride outside its
 *   range, or a token outside the vocabulary.
 * @throws ConfigError for `bytes` without `bos`: the first token would count its bytes but not its nats.
 * @throws ShapeError when `bytes` are not as many as the documents.
 * @throws AbortedError when the signal fires.
 */
export async function perplexity(
  model: ScoringModel,
  documents: readonly Int32Array[],
  options: PerplexityOptions = {},
): Promise<CorpusPerplexity> {
  const { maxPositions } = model.config;
  const { contextLength = maxPositions, stride = contextLength, bos, bytes, ...scoring } = options;
  if (contextLength > maxPositions)
    throw new ValueError(
      `perplexity: contextLength must be at most maxPositions ${maxPositions}, got ${contextLength}`,
      {
        argument: "contextLength",
        value: contextLength,
      },
    );
  if (bytes !== undefined && bos === undefined)
    throw new ConfigError("perplexity: bytes need bos, which scores the first token of a document too, got none");
  if (bytes !== undefined && bytes.length !== documents.length)
    throw new ShapeError(`perplexity: bytes must have ${documents.length} entries, got ${bytes.length}`);

  // A row holds the tokens a window reads and, after them, the last one it scores.
  const jobs = documents.flatMap((tokens, document) => {
    const lead = bos === undefined ? 0 : 1;
    const text = bos === undefined ? tokens : Int32Array.from([bos, ...tokens]);
    return slidingWindows(tokens.length, { contextLength, stride, bos: bos !== undefined }).map((window) => ({
      document,
      scored: window.scoreEnd - window.scoreBegin,
      row: text.subarray(Math.max(0, window.begin - 1 + lead), window.end + lead),
    }));
  });
  if (jobs.length === 0)
    throw new ValueError(`perplexity: documents must hold a token to score, got ${documents.length} without one`, {
      argument: "documents",
      value: documents.length,
    });

  const sums = documents.map(() => new TokenNll());
  let job = 0;
  for await (const logprobs of rowLogprobs(
    "perplexity",
    model,
    jobs.map(({ row }) => row),
    scoring,
  )) {
    const { document, scored } = jobs[job++]!;
    sums[document]!.addMany(logprobs.subarray(logprobs.length - scored));
  }
  const corpus = mergeNll(sums);
  const nll = meanNll(corpus);
  return {
    nll,
    perplexity: Math.exp(nll),
    tokens: corpus.count,
    ...(bytes === undefined
      ? {}
      : {
          bitsPerByte: bitsPerByte(
            corpus,
            bytes.reduce((a, b) => a + b, 0),
          ),
        }),
    documents: sums.map(({ sum, count }) => ({ sum, count })),
  };
}
