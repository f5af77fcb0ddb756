import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lmConfig } from "../src/config.js";
import { LanguageModel } from "../src/model.js";
import { type ScoredPair, type ScoreOptions, scoreLogprobs } from "../src/score.js";

let model: LanguageModel;
beforeAll(() => {
  const config = lmConfig({ family: "llama", vocabSize: 4, hidden: 8, layers: 1, heads: 2, maxPositions: 40 });
  model = LanguageModel.create(config, { seed: 2 });
  for (const v of model.variables.values()) tf.tidy(() => v.assign(tf.mul(v, 8)));
});
afterAll(() => model.dispose());

async function score(pairs: readonly ScoredPair[], options?: ScoreOptions) {
  const scores = [];
  for await (const result of scoreLogprobs(model, pairs, options)) scores.push(result);
  return scores;
}

describe("scoreLogprobs", () => {
  it("leaves no tensors behind when the model throws", async () => {
    const failing = {
      ...{ vocabSize: 4, config: model.config },
      logits: () => {
        throw new Error("no");
      },
    };
    const before = tf.memory().numTensors;
    const pairs = [{ prompt: Int32Array.of(3), continuation: Int32Array.of(0, 2) }];
    await expect(scoreLogprobs(failing, pairs).next()).rejects.toThrow("no");
    expect(tf.memory().numTensors).toBe(before);
  });

  it("gives all continuations of a length a probability of 1 together", async () => {
    const pairs = Array.from({ length: 4 ** 4 }, (_, code) => ({
      prompt: Int32Array.of(1, 2),
      continuation: Int32Array.of(code & 3, (code >> 2) & 3, (code >> 4) & 3, code >> 6),
    }));
    const scores = await score(pairs, { batchSize: 64 });
    expect(scores.map(({ index }) => index)).toEqual([...pairs.keys()]);
    expect(scores.reduce((sum, { total }) => sum + Math.exp(total), 0)).toBeCloseTo(1, 5);
  });

  it("equals the softmax of the model's logits over temperature, token by token", async () => {
    const [row] = await score([{ prompt: Int32Array.of(3), continuation: Int32Array.of(0, 2) }], { temperature: 0.5 });
    const expected = tf.tidy(() => {
      const logits = model.logits(tf.tensor2d([[3, 0, 2]], undefined, "int32"));
      return tf.logSoftmax(tf.div(logits, 0.5)).arraySync() as number[][][];
    });
    expect(row!.logprobs[0]).toBeCloseTo(expected[0]![0]![0]!, 5);
    expect(row!.logprobs[1]).toBeCloseTo(expected[0]![1]![2]!, 5);
    expect(row!.total).toBeCloseTo(expected[0]![0]![0]! + expected[0]![1]![2]!, 5);
  });

  it("scores a pair the same in any batch, whatever its neighbours' lengths", async () => {
    const rng = createRng(4);
    const tokens = (length: number) => Int32Array.from({ length }, () => rng.int(4));
    const pairs = [3, 30, 8, 0, 17].map((length) => ({ prompt: tokens(2), continuation: tokens(length) }));
    const [together, alone] = [await score(pairs), await score(pairs, { batchSize: 1 })];
    together.forEach(({ logprobs, total }, i) => {
      expect(logprobs).toHaveLength(pairs[i]!.continuation.length);
      expect(total).toBeCloseTo(alone[i]!.total, 4);
    });
  });

  it("reads as many tokens as the model has positions, and scores one more", async () => {
    const pair = { prompt: Int32Array.of(1), continuation: new Int32Array(40) };
    expect((await score([pair]))[0]!.logprobs).toHaveLength(40);
  });

  it("keeps the number of tensors", async () => {
    const before = tf.memory().numTensors;
    await score([{ prompt: Int32Array.of(1), continuation: Int32Array.of(2) }]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("throws ValueError for an empty prompt, an unknown token and too many tokens", async () => {
    const one = Int32Array.of(1);
    await expect(score([{ prompt: new Int32Array(0), continuation: one }])).rejects.toThrow(/got none for pair 0/);
    await expect(score([{ prompt: one, continuation: Int32Array.of(4) }])).rejects.toThrow(
      /got 4 at row 0, position 1/,
    );
    await expect(score([{ prompt: one, continuation: new Int32Array(41) }])).rejects.toThrow(/1 to 41 tokens, got 42/);
  });

  it("names the pair that is wrong by its place among all pairs", async () => {
    const pairs = (bad: Int32Array) =>
      Array.from({ length: 20 }, (_, i) => ({
        prompt: Int32Array.of(1),
        continuation: i === 17 ? bad : Int32Array.of(2),
      }));
    await expect(score(pairs(Int32Array.of(2, 4)))).rejects.toThrow(/got 4 at row 17, position 2/);
    await expect(score(pairs(new Int32Array(41)))).rejects.toMatchObject({ index: 17, value: 42 });
  });

  it("throws ValueError for options outside their domain", async () => {
    const pairs = [{ prompt: Int32Array.of(1), continuation: Int32Array.of(1) }];
    await expect(score(pairs, { batchSize: 0 })).rejects.toThrow(/batchSize must be a positive integer, got 0/);
    await expect(score(pairs, { temperature: 0 })).rejects.toThrow(/temperature must be positive, got 0/);
    await expect(score(pairs, { temperature: 1e-46 })).rejects.toThrow(/^scoreLogprobs: .* got 1e-46, in float32 0/);
  });

  it("throws AbortedError when the signal has fired", async () => {
    const pairs = [{ prompt: Int32Array.of(1), continuation: Int32Array.of(1) }];
    await expect(score(pairs, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "E_ABORTED" });
  });
});
