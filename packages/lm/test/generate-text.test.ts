import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { trainBpe } from "../src/bpe.js";
import { lmConfig } from "../src/config.js";
import { generateAll } from "../src/generate.js";
import { generateText } from "../src/generate-text.js";
import type { GrowingCache } from "../src/generating-model.js";
import { LanguageModel } from "../src/model.js";
import { charTokenizer, wordTokenizer } from "../src/simple-tokenizers.js";

const tokenizer = trainBpe(["ab ab"], { vocabSize: 260, special: { eos: "<|end|>" } });
let model: LanguageModel;
beforeAll(() => {
  const config = lmConfig({ family: "gpt2", vocabSize: 270, hidden: 8, layers: 1, heads: 1, maxPositions: 64 });
  model = LanguageModel.create(config, { seed: 1 });
});
afterAll(() => model.dispose());

/** A model that writes the script after a prompt of so many tokens. */
function scriptedModel(vocabSize: number, script: readonly number[], promptLength: number) {
  const at = (position: number) => script[Math.min(Math.max(position + 1 - promptLength, 0), script.length - 1)]!;
  const table = Array.from({ length: 64 }, (_, position) => at(position));
  return {
    vocabSize,
    config: { maxPositions: 64, eosIds: [] },
    openCache: (_: number, length: number) => ({ length, grow() {}, dispose() {} }),
    hidden: () => tf.zeros([1, 1, 1]) as tf.Tensor3D,
    logits: (_: tf.Tensor2D, { positions }: { positions: tf.Tensor2D }) => {
      const next = tf.gather(tf.tensor1d(table, "int32"), tf.reshape(positions, [1]));
      return tf.reshape(tf.mul(tf.oneHot(next, vocabSize), 1e6), [1, 1, vocabSize]) as tf.Tensor3D;
    },
  };
}

async function pieces<Cache extends GrowingCache>(...args: Parameters<typeof generateText<Cache>>) {
  const all: string[] = [];
  for await (const piece of generateText(...args)) all.push(piece);
  return all;
}

describe("generateText", () => {
  it("yields the text of the generated tokens, which are random bytes here", async () => {
    const options = { maxNewTokens: 40, seed: 6 };
    const requests = { prompts: [tokenizer.encode("ab é")], seed: 6 };
    const [row] = await generateAll(model, requests, { maxNewTokens: 40, vocabSize: tokenizer.vocabSize });
    const text = tokenizer.decode([...tokenizer.encode("ab é"), ...row!.tokens]);
    const yielded = await pieces(model, tokenizer, "ab é", options);
    expect(`ab é${yielded.join("")}`).toBe(text);
    expect(yielded.length).toBeGreaterThan(5);
  });

  it("holds back a character until its bytes are whole", async () => {
    const scripted = scriptedModel(tokenizer.vocabSize, [...tokenizer.encode("👍x")], tokenizer.encode("ab").length);
    const all = await pieces(scripted, tokenizer, "ab", { maxNewTokens: 5, seed: 1 });
    expect(all).toEqual(["👍", "x"]);
  });

  it("gives out what is left of an incomplete character at the end", async () => {
    const scripted = scriptedModel(tokenizer.vocabSize, [...tokenizer.encode("👍")], tokenizer.encode("ab").length);
    expect(await pieces(scripted, tokenizer, "ab", { maxNewTokens: 2, seed: 1 })).toEqual(["\ufffd"]);
  });

  it("ends before a stop token", async () => {
    const words = wordTokenizer(["up", "down"], { eos: "." });
    const scripted = scriptedModel(words.vocabSize, [1, 2, 0, 1], 1);
    const all = await pieces(scripted, words, "down", { maxNewTokens: 4, seed: 1, stopIds: [0] });
    expect(all).toEqual([" up", " down"]);
  });

  it("continues tokens as well as text", async () => {
    const options = { maxNewTokens: 8, seed: 2 };
    const fromTokens = await pieces(model, tokenizer, tokenizer.encode("ab"), options);
    expect(fromTokens).toEqual(await pieces(model, tokenizer, "ab", options));
  });

  it("throws ConfigError for a tokenizer that does not fit the model", async () => {
    const large = charTokenizer(String.fromCodePoint(...Array.from({ length: 300 }, (_, i) => 0x4e00 + i)));
    await expect(pieces(model, large, "一", { maxNewTokens: 1, seed: 1 })).rejects.toMatchObject({ code: "E_CONFIG" });
  });
});
