import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { pairedBootstrap } from "@x/metrics/stats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LanguageModel } from "../src/model.js";
import { perplexity } from "../src/perplexity.js";
import { rowLogprobs } from "../src/score.js";
import { tinyModel } from "./models.js";

const rng = createRng("documents");
const document = (length: number, vocabulary = 3) => Int32Array.from({ length }, () => rng.int(vocabulary));

/** log p of the next token given the last one alone, so that no window can matter. */
const transitions = [
  [0.7, 0.2, 0.1],
  [0.25, 0.5, 0.25],
  [0.1, 0.1, 0.8],
];
const markov = {
  vocabSize: 3,
  config: { maxPositions: 10 },
  logits: (tokens: tf.Tensor2D) =>
    tf.tidy(() => tf.gather(tf.log(tf.tensor2d(transitions)), tokens) as tf.Tensor) as tf.Tensor3D,
};
const chainNll = (tokens: Int32Array) =>
  tokens.reduce((sum, token, t) => (t === 0 ? 0 : sum - Math.log(transitions[tokens[t - 1]!]![token]!)), 0);

describe("perplexity", () => {
  const documents = [document(4), document(1), document(37), document(12)];

  it.each([
    [10, 10],
    [10, 3],
    [10, 1],
    [4, 2],
    [1, 1],
  ])("is exact for a Markov chain with context %i and stride %i", async (contextLength, stride) => {
    const result = await perplexity(markov, documents, { contextLength, stride, batchSize: 5 });
    const total = documents.reduce((sum, tokens) => sum + chainNll(tokens), 0);
    expect(result.tokens).toBe(3 + 0 + 36 + 11);
    expect(result.nll).toBeCloseTo(total / 50, 5);
    expect(result.perplexity).toBeCloseTo(Math.exp(total / 50), 5);
    documents.forEach((tokens, i) => {
      expect(result.documents[i]!.sum).toBeCloseTo(chainNll(tokens), 4);
      expect(result.documents[i]!.count).toBe(tokens.length - 1);
    });
  });

  it("scores the first token too when there is a bos", async () => {
    const { tokens, nll } = await perplexity(markov, documents, { bos: 2 });
    const total = documents.reduce((sum, d) => sum + chainNll(Int32Array.of(2, ...d)), 0);
    expect(tokens).toBe(54);
    expect(nll).toBeCloseTo(total / 54, 5);
  });

  it("reports bits per byte of the whole corpus", async () => {
    const result = await perplexity(markov, documents, { bos: 2, bytes: [10, 3, 80, 30] });
    const total = documents.reduce((sum, d) => sum + chainNll(Int32Array.of(2, ...d)), 0);
    expect(result.bitsPerByte).toBeCloseTo(total / (123 * Math.LN2), 5);
  });

  it("refuses bytes without a bos, which would count the first token's bytes but not its nats", async () => {
    await expect(perplexity(markov, documents, { bytes: [10, 3, 80, 30] })).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringContaining("bytes need bos"),
    });
  });

  it("gives sums that a paired bootstrap over documents can compare", async () => {
    const other = {
      ...markov,
      logits: (tokens: tf.Tensor2D) => tf.tidy(() => tf.mul(markov.logits(tokens), 0) as tf.Tensor3D),
    };
    const longer = Array.from({ length: 12 }, () => document(20));
    const [a, b] = [await perplexity(markov, longer), await perplexity(other, longer)];
    const nll = (sums: readonly { sum: number; count: number }[]) => sums.map(({ sum, count }) => sum / count);
    const { point } = pairedBootstrap(nll(a.documents), nll(b.documents), { seed: 1 });
    expect(point).toBeCloseTo(a.nll - b.nll, 6); // documents of one length: the mean of means is the mean
  });

  it("throws ValueError when there is nothing to score", async () => {
    await expect(perplexity(markov, [])).rejects.toThrow(/must hold a token to score, got 0/);
    await expect(perplexity(markov, [document(1)])).rejects.toThrow(/got 1 without one/);
  });

  it("throws for a context or stride outside its range, unknown tokens and wrong byte counts", async () => {
    await expect(perplexity(markov, documents, { contextLength: 11 })).rejects.toThrow(
      /at most maxPositions 10, got 11/,
    );
    await expect(perplexity(markov, documents, { stride: 11 })).rejects.toMatchObject({ code: "E_VALUE" });
    await expect(perplexity(markov, [Int32Array.of(0, 3)])).rejects.toThrow(/in \[0, 3\), got 3/);
    await expect(perplexity(markov, documents, { bos: 2, bytes: [1] })).rejects.toMatchObject({ code: "E_SHAPE" });
  });
});

describe("perplexity of a transformer", () => {
  let model: LanguageModel;
  beforeAll(() => {
    model = tinyModel({ family: "llama", vocabSize: 13, maxPositions: 160 });
  });
  afterAll(() => model.dispose());

  it("gives every token its window's context: by stride 1 the last contextLength tokens", async () => {
    const tokens = document(30, 13);
    const slices = Array.from({ length: 29 }, (_, i) => tokens.slice(Math.max(0, i + 1 - 7), i + 2));
    let expected = 0;
    for await (const logprobs of rowLogprobs("perplexity", model, slices)) expected -= logprobs.at(-1)!;
    const { documents } = await perplexity(model, [tokens], { contextLength: 7, stride: 1 });
    expect(documents[0]!.sum).toBeCloseTo(expected, 4);
  });

  it("scores a document that fits by one pass, with any stride", async () => {
    const tokens = document(40, 13);
    const results = await Promise.all(
      [1, 16, 64].map((stride) => perplexity(model, [tokens], { contextLength: 64, stride })),
    );
    for await (const logprobs of rowLogprobs("perplexity", model, [tokens]))
      for (const { nll } of results) expect(nll).toBeCloseTo(-logprobs.reduce((a, b) => a + b, 0) / 39, 5);
  });

  it("keeps the number of tensors, also when aborted", async () => {
    const before = tf.memory().numTensors;
    await perplexity(model, [document(40)], { contextLength: 8 });
    const aborted = perplexity(model, [document(40)], { signal: AbortSignal.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "E_ABORTED" });
    expect(tf.memory().numTensors).toBe(before);
  });
});
