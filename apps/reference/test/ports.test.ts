import * as tf from "@tensorflow/tfjs-core";
import {
  type FileTokenizer,
  type GeneratingModel,
  type KvCache,
  LanguageModel,
  lmConfig,
  type ScoringModel,
  type TextTokenizer,
  trainBpe,
} from "@x/lm";
import {
  type ConditionableLM,
  fitTfidfSvd,
  intlSegmenter,
  type PlannedModel,
  type Segmenter,
  type SentenceEmbedder,
  type TfidfSvdEmbedder,
  type TokenizerLike,
  type TrainControl,
  type TrainEvent,
} from "@x/planner";
import type { NamedVariables, RunControl } from "@x/runtime";
import { describe, expect, expectTypeOf, it } from "vitest";
import type { PreparedCorpus } from "../src/corpus.js";
import type { Stage } from "../src/run.js";
import { tinyTexts } from "./tiny.js";

// The packages do not know each other; what fits what by shape is claimed here, and `typecheck` is what checks it. The
// values show that the claims speak of things that exist.

const sizes = { vocabSize: 9, hidden: 8, layers: 2, heads: 2, maxPositions: 8 };

describe("LanguageModel of @x/lm", () => {
  it("fits the planner's ConditionableLM, cache included", () => {
    expectTypeOf<LanguageModel>().toExtend<ConditionableLM<KvCache>>();
    expectTypeOf<LanguageModel>().toExtend<PlannedModel["lm"]>();
    expectTypeOf<LanguageModel["variables"]>().toExtend<NamedVariables>();
    const lm: ConditionableLM<KvCache> = LanguageModel.create(lmConfig({ family: "gpt2", ...sizes }), { seed: 1 });
    const cache = lm.openCache?.(1, 4);
    const asked: string[] = [];
    tf.tidy(() => {
      const inject = (layer: number, site: string) => {
        asked.push(`${layer} ${site}`);
        return null;
      };
      const logits = lm.logits(tf.tensor2d([[1, 2]], [1, 2], "int32"), { inject, ...(cache && { cache }) });
      expect(logits.shape).toEqual([1, 2, 9]);
    });
    expect(asked).toContain("1 attentionHeads");
    cache?.dispose();
    tf.dispose([...lm.variables.values()]);
  });

  it("fits the narrower models that generation and scoring ask for", () => {
    expectTypeOf<LanguageModel>().toExtend<GeneratingModel<KvCache>>();
    expectTypeOf<LanguageModel>().toExtend<ScoringModel>();
  });
});

describe("tokenizers of @x/lm", () => {
  it("fit the planner's TokenizerLike", () => {
    expectTypeOf<TextTokenizer>().toExtend<TokenizerLike>();
    expectTypeOf<FileTokenizer>().toExtend<PreparedCorpus["tokenizer"]>();
    const tokenizer: TokenizerLike = trainBpe(tinyTexts(1), { vocabSize: 257, special: { eos: "<eos>" } });
    expect(tokenizer.decode(tokenizer.encode("The tree."))).toBe("The tree.");
    expect(tokenizer.special.eos).toBe(0);
  });
});

describe("parts of @x/planner", () => {
  it("fit its own ports", async () => {
    expectTypeOf<TfidfSvdEmbedder>().toExtend<SentenceEmbedder>();
    expectTypeOf<ReturnType<typeof intlSegmenter>>().toExtend<Segmenter>();
    const segmenter: Segmenter = intlSegmenter();
    const embedder: SentenceEmbedder = await fitTfidfSvd(segmenter.segment(tinyTexts(1)[0]!), { dim: 2, seed: 1 });
    expect(await embedder.embed(["The tree."])).toHaveLength(2);
  });

  it("yield what a stage of a run takes, and are controlled by what runtime saves", () => {
    expectTypeOf<AsyncIterable<TrainEvent>>().toExtend<ReturnType<Stage["run"]>>();
    expectTypeOf<TrainControl>().toExtend<RunControl>();
    expectTypeOf<Parameters<Stage["run"]>[0]>().toEqualTypeOf<RunControl["resume"]>();
  });
});
