import { createRng, ValueError } from "@x/core";
import { trainBpe } from "@x/lm";
import {
  type ActionCodebook,
  buildPlanCorpus,
  fitActions,
  fitTfidfSvd,
  intlSegmenter,
  type PlanCorpus,
  type SentenceEmbedder,
  type TokenizerLike,
} from "@x/planner";

/** Sizes of the sentence space and of the vocabulary. */
export type CorpusOptions = {
  /** Tokens of the byte-pair vocabulary trained on the training texts, when no tokenizer is given. */
  readonly vocabulary: number;
  /** K, the number of writing actions. */
  readonly actions: number;
  /** Length of the sentence vectors. */
  readonly embedding: number;
  readonly seed: number;
};

/** Texts as the planner sees them. Everything is fitted on the training texts alone. */
export interface PreparedCorpus {
  readonly tokenizer: TokenizerLike;
  readonly embedder: SentenceEmbedder;
  readonly codebook: ActionCodebook;
  readonly train: PlanCorpus;
  readonly test: PlanCorpus;
}

/** Runs a piece of long work under a name, so that somebody can say that it is still going on. */
export type Watch = <T>(label: string, work: () => T | Promise<T>) => Promise<T>;

/** Sentences → vectors → actions → planned documents: the data side of the planner papers. A signal that fires ends it with AbortedError. */
export async function prepareCorpus(
  texts: { readonly train: readonly string[]; readonly test: readonly string[] },
  options: CorpusOptions & {
    readonly tokenizer?: TokenizerLike;
    readonly watch?: Watch;
    readonly signal?: AbortSignal;
  },
): Promise<PreparedCorpus> {
  const { vocabulary, actions, embedding, seed, watch = async (_, work) => work() } = options;
  const control = options.signal && { signal: options.signal };
  const segmenter = intlSegmenter(options.tokenizer ? {} : { blanks: "leading" }); // byte-level words begin with their blank
  const sentences = await watch("cutting sentences", () => texts.train.flatMap((text) => segmenter.segment(text)));
  const tokenizer =
    options.tokenizer ??
    (await watch("training the tokenizer", () =>
      trainBpe(texts.train, { vocabSize: vocabulary, special: { eos: "<|endoftext|>" } }),
    ));
  const embedder = await watch("fitting sentence vectors", () =>
    fitTfidfSvd(sentences, { dim: embedding, seed, ...control }),
  );
  const vectors = await watch("embedding sentences", () => embedder.embed(sentences, control));
  const codebook = await watch("clustering sentences", () =>
    fitActions(vectors, { embedder, actions, seed, ...control }),
  );
  const plan = (part: readonly string[]) =>
    buildPlanCorpus(part, { tokenizer, segmenter, embedder, codebook, ...control });
  const [train, test] = await watch(
    "planning documents",
    async () => [await plan(texts.train), await plan(texts.test)] as const,
  );
  return { tokenizer, embedder, codebook, train, test };
}

/**
 * Holds out a share of the documents, drawn by the seed.
 *
 * @throws ValueError when either part would have fewer than two documents.
 */
export function holdOut<T>(documents: readonly T[], share: number, seed: number): { train: T[]; test: T[] } {
  const count = Math.max(2, Math.round(share * documents.length));
  if (!(documents.length - count >= 2))
    throw new ValueError(
      `holdOut: two documents at least must be left to train on, got ${documents.length} documents and a share of ${share}`,
      { argument: "documents", value: documents.length },
    );
  const shuffled = createRng(seed).split("hold out").shuffle(documents);
  return { train: shuffled.slice(count), test: shuffled.slice(0, count) };
}
