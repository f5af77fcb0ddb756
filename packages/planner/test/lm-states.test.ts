import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, ValueError } from "@x/core";
import { beforeAll, describe, expect, it } from "vitest";
import { lmStates } from "../src/lm-states.js";
import { expectClose } from "./expect-close.js";
import { tinyModel, tinyWorld } from "./tiny.js";

let world: Awaited<ReturnType<typeof tinyWorld>>;
let lm: ReturnType<typeof tinyModel>["lm"];
beforeAll(async () => {
  world = await tinyWorld({ stories: 3 });
  ({ lm } = tinyModel(world.corpus));
});
const sentences = ["Bako deta.", "Deta fimi kobu lupe.", "Bako."];
const create = (o: object = {}) => lmStates(lm, { tokenizer: world.tokenizer, modelId: "tiny", ...o });

describe("lmStates", () => {
  it("pools the hidden states of each sentence read on its own, and scales them to length 1", async () => {
    for (const pooling of ["mean", "last"] as const) {
      const embedder = create({ pooling, batchSize: 2 });
      expect(embedder.dim).toBe(8);
      const expected = sentences.flatMap((sentence) =>
        tf.tidy(() => {
          const tokens = world.tokenizer.encode(sentence);
          const states = tf.squeeze<tf.Tensor2D>(lm.hidden(tf.tensor2d(tokens, [1, tokens.length], "int32")), [0]);
          const pooled = pooling === "mean" ? tf.mean(states, 0) : tf.slice(states, [tokens.length - 1, 0], [1, 8]);
          return [...tf.div(pooled, tf.norm(pooled)).dataSync()];
        }),
      );
      expectClose(await embedder.embed(sentences), expected, { atol: 1e-5 });
    }
  });

  it("reads at most maxTokens tokens", async () => {
    const short = create({ maxTokens: 2 });
    expect(await short.embed(["Bako deta fimi."])).toEqual(await short.embed(["Bako deta kobu."]));
  });

  it("has an id that changes with model, tokenizer and options, and leaves no tensors behind", async () => {
    const tensors = tf.memory().numTensors;
    const tokenizer = { ...world.tokenizer, id: "other" };
    const ids = [{}, { modelId: "b" }, { tokenizer }, { pooling: "last" }, { maxTokens: 3 }].map((o) => create(o).id);
    expect(new Set(ids).size).toBe(5);
    await create().embed(sentences);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("throws ValueError for a sentence without tokens, AbortedError at its signal", async () => {
    await expect(create().embed(["Bako.", " "])).rejects.toThrow(ValueError);
    await expect(create().embed(sentences, { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});
