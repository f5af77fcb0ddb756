import { ConfigError, FormatError, StateError, ValueError } from "@x/core";
import { type ActionCodebook, assignActions } from "./actions.js";
import { breathe } from "./breathe.js";
import type { Segmenter, SentenceEmbedder, TokenizerLike } from "./types.js";

/** A document as the planner sees it: tokens, where its sentences begin, and a vector and an action for each. */
export interface PlannedDocument {
  /** `[n]`, the begin token first. */
  readonly tokens: Int32Array;
  /** `[S]`, the index in `tokens` of the first token of each sentence; the first is 1. */
  readonly sentenceStart: Int32Array;
  /** `[S · D]`. */
  readonly sentenceVectors: Float32Array;
  /** `[S]`. */
  readonly actions: Int32Array;
}

/** Documents whose actions come from one codebook. */
export interface PlanCorpus {
  readonly documents: readonly PlannedDocument[];
  readonly codebook: ActionCodebook;
}

/** Options of {@link buildPlanCorpus}. */
export interface PlanCorpusOptions {
  readonly tokenizer: TokenizerLike;
  readonly segmenter: Segmenter;
  readonly embedder: SentenceEmbedder;
  readonly codebook: ActionCodebook;
  readonly signal?: AbortSignal;
}

/**
 * Segments, tokenizes and embeds texts, and labels each sentence with its action.
 *
 * Each sentence is tokenized on its own and the pieces follow each other, so that no token crosses a sentence
 * boundary. A document begins with the tokenizer's begin token (its end token when it has none), which is never a label.
 *
 * @throws ValueError when there are no texts.
 * @throws FormatError when the segments of a text do not concatenate to it, a sentence has no tokens, the embedder does
 *   not give a vector a sentence, or no document has two sentences.
 * @throws ConfigError when the tokenizer has neither begin nor end token.
 * @throws StateError when the codebook was fitted with another embedder.
 */
export async function buildPlanCorpus(
  texts: AsyncIterable<string> | Iterable<string>,
  options: PlanCorpusOptions,
): Promise<PlanCorpus> {
  const { tokenizer, segmenter, embedder, codebook, signal } = options;
  const begin = beginToken("buildPlanCorpus", tokenizer);
  checkEmbedder("buildPlanCorpus", codebook, embedder);

  const documents: PlannedDocument[] = [];
  for await (const text of texts) {
    await breathe(signal);
    const name = `document ${documents.length}`;
    const sentences = segmenter.segment(text);
    if (sentences.length === 0 || sentences.join("") !== text)
      throw new FormatError(
        `buildPlanCorpus: the segments of ${name} must concatenate to it and be ≥ 1, got ${sentences.length}`,
      );
    const { tokens, sentenceStart } = joinTokens(
      begin,
      sentences,
      tokenizer,
      `buildPlanCorpus: document ${documents.length}`,
    );
    const sentenceVectors = await embedder.embed(sentences, signal && { signal });
    if (sentenceVectors.length !== sentences.length * embedder.dim)
      throw new FormatError(
        `buildPlanCorpus: the embedder must give ${sentences.length} vectors of ${embedder.dim} for ${name}, got ${sentenceVectors.length} numbers`,
      );
    documents.push({ tokens, sentenceStart, sentenceVectors, actions: assignActions(codebook, sentenceVectors) });
  }
  if (documents.length === 0)
    throw new ValueError("buildPlanCorpus: texts must not be empty", { argument: "texts", value: 0 });
  if (documents.every((document) => document.actions.length < 2))
    throw new FormatError(
      `buildPlanCorpus: a document must have two sentences or there is nothing to plan, but document 0 and the other ${documents.length - 1} have one`,
    );
  return { documents, codebook };
}

/**
 * The token a document begins with.
 *
 * @throws ConfigError when there is none.
 */
export function beginToken(caller: string, tokenizer: TokenizerLike): number {
  const begin = tokenizer.special.bos ?? tokenizer.special.eos;
  if (begin !== undefined) return begin;
  throw new ConfigError(`${caller}: the tokenizer must have a begin or an end token, got neither`);
}

/** @throws StateError when the codebook was fitted with another embedder. */
export function checkEmbedder(name: string, codebook: ActionCodebook, embedder: SentenceEmbedder): void {
  if (codebook.embedderId !== embedder.id)
    throw new StateError(`${name}: the codebook must be of embedder ${embedder.id}, got one of ${codebook.embedderId}`);
}

/**
 * The begin token and the tokens of the sentences, each tokenized on its own, and where each sentence begins.
 *
 * @throws FormatError when a sentence has no tokens.
 */
export function joinTokens(begin: number, sentences: readonly string[], tokenizer: TokenizerLike, place: string) {
  const pieces = sentences.map((sentence) => tokenizer.encode(sentence));
  const sentenceStart = new Int32Array(sentences.length);
  let length = 1;
  pieces.forEach((piece, s) => {
    if (piece.length === 0)
      throw new FormatError(
        `${place} must consist of sentences with tokens, but sentence ${s} has none: ${JSON.stringify(sentences[s])}`,
      );
    sentenceStart[s] = length;
    length += piece.length;
  });
  const tokens = new Int32Array(length);
  tokens[0] = begin;
  for (const [s, piece] of pieces.entries()) tokens.set(piece, sentenceStart[s]!);
  return { tokens, sentenceStart };
}

/**
 * The sentence whose plan each position uses: that of the **next** token, because the position's output is the next
 * token. So the last token of a sentence already uses the plan of the sentence to come; the very last repeats its own.
 *
 *   index[t] = sentence(t + 1)
 *
 * @returns `[n]`.
 * @paper 2404.00614 shift rule
 */
export function planIndexPerToken(document: Pick<PlannedDocument, "tokens" | "sentenceStart">): Int32Array {
  const { tokens, sentenceStart } = document;
  const index = new Int32Array(tokens.length);
  let sentence = 0;
  for (let t = 0; t < tokens.length; t++) {
    if (sentence + 1 < sentenceStart.length && t + 1 >= sentenceStart[sentence + 1]!) sentence++;
    index[t] = sentence;
  }
  return index;
}

/**
 * The tokens that end a sentence more often than not, by which generation notices that a sentence is over before it
 * feeds the next token.
 *
 *   { v : count(v) ≥ minimumCount,  count(v ends a sentence) / count(v) ≥ threshold }
 *
 * Defaults 5 and 0.5.
 */
export function sentenceEndTokens(
  documents: Iterable<PlannedDocument>,
  options: { readonly threshold?: number; readonly minimumCount?: number } = {},
): ReadonlySet<number> {
  const { threshold = 0.5, minimumCount = 5 } = options;
  const counts = new Map<number, { all: number; ends: number }>();
  for (const { tokens, sentenceStart } of documents) {
    const ends = new Set([...sentenceStart.subarray(1), tokens.length].map((start) => start - 1));
    for (let t = 1; t < tokens.length; t++) {
      const count = counts.get(tokens[t]!) ?? { all: 0, ends: 0 };
      counts.set(tokens[t]!, { all: count.all + 1, ends: count.ends + (ends.has(t) ? 1 : 0) });
    }
  }
  return new Set(
    [...counts].filter(([, { all, ends }]) => all >= minimumCount && ends / all >= threshold).map(([token]) => token),
  );
}
