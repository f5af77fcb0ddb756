import { LanguageModel, lmConfig } from "@x/lm";
import { fitActions } from "../src/actions.js";
import { ActionAdapter, type ActionAdapterConfig } from "../src/adapter.js";
import { buildPlanCorpus, type PlanCorpus, sentenceEndTokens } from "../src/corpus.js";
import { Planner } from "../src/planner.js";
import { intlSegmenter } from "../src/segmenter.js";
import { sentenceLanguage } from "../src/synthetic-language.js";
import { fitTfidfSvd } from "../src/tfidf-svd.js";

/** Stories of the generated language, their embedder, four actions, and the corpus; a model of some thousand numbers. */
export async function tinyWorld({ stories = 12, sentences = 5, actions = 4 } = {}) {
  const language = sentenceLanguage({ seed: 2, sentences });
  const segmenter = intlSegmenter();
  const { tokenizer } = language;
  const drawn = language.sample(stories, "training");
  const texts = drawn.map(({ text }) => text);
  const all = texts.flatMap((text) => segmenter.segment(text));
  const embedder = await fitTfidfSvd(all, { dim: 6, ngrams: 1, seed: 1 });
  const codebook = fitActions(await embedder.embed(all), { embedder, actions, seed: 1 });
  const corpus = await buildPlanCorpus(texts, { tokenizer, segmenter, embedder, codebook });
  return { language, tokenizer, segmenter, embedder, codebook, texts, stories: drawn, corpus };
}

export function tinyModel(corpus: PlanCorpus, config: ActionAdapterConfig & { context?: number } = {}) {
  const { context = 4, ...adapterConfig } = config;
  const sizes = { vocabSize: 99, hidden: 8, layers: 2, heads: 2, ffn: 16, maxPositions: 64, eosIds: [1] };
  const lm = LanguageModel.create(lmConfig({ ...sizes, family: "gpt2" }), { seed: 1 });
  const adapter = ActionAdapter.create(lm, corpus.codebook, { skipLayers: 0, ...adapterConfig, seed: 2 });
  const planner = Planner.create(corpus.codebook, { hidden: 8, heads: 2, context, seed: 3 });
  return {
    lm,
    adapter,
    planner,
    endTokens: sentenceEndTokens(corpus.documents),
    dispose() {
      for (const part of [lm, adapter, planner]) part.dispose();
    },
  };
}

/** Everything a generator yields. */
export async function collect<T>(events: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const event of events) all.push(event);
  return all;
}
