import { LanguageModel, lmConfig } from "@x/lm";
import { describe, expect, it } from "vitest";
import * as planning from "../src/index.js";
import { sentenceLanguage } from "../src/synthetic-language.js";
import { collect } from "./tiny.js";

/** Mean of the differences, and its standard error over documents. */
function difference(a: readonly { sum: number; count: number }[], b: readonly number[]) {
  const tokens = a.reduce((sum, { count }) => sum + count, 0) / a.length;
  const each = a.map(({ sum }, i) => (sum - b[i]!) / tokens);
  const mean = each.reduce((x, y) => x + y) / each.length;
  const variance = each.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (each.length - 1);
  return { mean, standardError: Math.sqrt(variance / each.length) };
}

describe("on the generated language", () => {
  it("a soft plan beats a hard one and that beats none, each by 3 standard errors; no arm but the oracle's beats Bayes", async () => {
    const language = sentenceLanguage({ seed: 2 });
    const { tokenizer } = language;
    const segmenter = planning.intlSegmenter();
    const stories = language.sample(400, "validation");
    const texts = language.sample(3000, "training").map(({ text }) => text);
    const sentences = texts.flatMap((text) => segmenter.segment(text));
    const embedder = await planning.fitTfidfSvd(sentences, { dim: 32, seed: 1 });
    const codebook = planning.fitActions(await embedder.embed(sentences), { embedder, actions: 16, seed: 1 });
    const parts = { tokenizer, segmenter, embedder, codebook };
    const corpus = await planning.buildPlanCorpus(texts, parts);
    const unseen = await planning.buildPlanCorpus(
      stories.map(({ text }) => text),
      parts,
    );

    // The planner and the plain language model come first; every arm goes on from there, with the same data.
    const planner = planning.Planner.create(codebook, { hidden: 64, seed: 1 });
    const pretraining = { steps: 200, batchSize: 64, length: 56, learningRate: 2e-3, seed: 1 };
    await collect(planning.trainPlanner(planner, corpus, pretraining));
    const sizes = { vocabSize: tokenizer.vocabSize, hidden: 48, layers: 2, heads: 4, maxPositions: 64 };
    const lm = LanguageModel.create(lmConfig({ family: "gpt2", ...sizes }), { seed: 1 });
    const run = { batchSize: 16, length: 56, lm: "train" } as const;
    const base = { ...run, steps: 200, source: "none", learningRates: { adapter: 2e-3 }, seed: 1 } as const;
    await collect(planning.trainJoint({ lm }, corpus, base));
    const start = [...lm.variables.values()].map((variable) => [variable, variable.clone()] as const);

    const measure = async (options: Partial<planning.TrainJointOptions>) => {
      for (const [variable, value] of start) variable.assign(value);
      const adapter = planning.ActionAdapter.create(lm, codebook, { skipLayers: 0, seed: 1 });
      const model = { lm, adapter, planner };
      const arm = { ...run, steps: 120, learningRates: { adapter: 1e-3 }, seed: 2, ...options };
      await collect(planning.trainJoint(model, corpus, arm));
      const { source = "planner", selection = { kind: "soft" } } = options;
      const result = await planning.evaluatePlanning(model, unseen, { source, selection, length: 56, batchSize: 50 });
      adapter.dispose();
      return result;
    };
    const plain = await measure({ source: "none" });
    const hard = await measure({ selection: { kind: "hard" } });
    const soft = await measure({});
    const oracle = await measure({ source: "oracle" });
    planner.dispose();

    const { bayesByStory } = language.references(stories);
    for (const { documents } of [plain, hard, soft]) {
      const { mean, standardError } = difference(documents, bayesByStory);
      expect(mean).toBeGreaterThan(-3 * standardError);
    }
    const beats = (a: planning.PlanEvaluation, b: planning.PlanEvaluation) => {
      const { mean, standardError } = difference(
        b.documents,
        a.documents.map(({ sum }) => sum),
      );
      expect(mean).toBeGreaterThan(3 * standardError);
    };
    beats(hard, plain);
    beats(soft, hard);
    beats(oracle, soft);
  }, 600_000);
});
