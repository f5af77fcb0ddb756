import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { valueAndGrad } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { nextTokenLoss, tokenLogprobs } from "../src/index.js";
import { distance, tinyModel, tokensOf } from "./models.js";

const rows = [
  [1, 5, 3, 9, 2],
  [4, 4, 10, 0, 8],
];

/** log softmax(z / τ)[label], on the host in double. */
function logprob(logits: readonly number[], label: number, temperature = 1): number {
  const total = logits.reduce((sum, z) => sum + Math.exp(z / temperature), 0);
  return logits[label]! / temperature - Math.log(total);
}

describe("nextTokenLoss", () => {
  it("is the weighted mean of −log p of every token but the first", () => {
    const model = tinyModel({ family: "llama" });
    const tokens = tokensOf(rows);
    const weights = [
      [9, 1, 0, 2, 0.5],
      [9, 0, 0, 0, 1],
    ];
    const logits = model.logits(tokens).arraySync();
    const terms = rows.flatMap((row, b) =>
      row.slice(1).map((label, t) => ({ w: weights[b]![t + 1]!, nll: -logprob(logits[b]![t]!, label) })),
    );
    const mean = (w: (term: { w: number }) => number) =>
      terms.reduce((sum, term) => sum + w(term) * term.nll, 0) / terms.reduce((sum, term) => sum + w(term), 0);

    const before = tf.memory().numTensors;
    const [plain, weighted] = [
      nextTokenLoss(model, { tokens }),
      nextTokenLoss(model, { tokens, lossMask: tf.tensor2d(weights) }),
    ];
    expect(tf.memory().numTensors).toBe(before + 3);
    expect(plain.dataSync()[0]!).toBeCloseTo(
      mean(() => 1),
      5,
    );
    expect(weighted.dataSync()[0]!).toBeCloseTo(
      mean((term) => term.w),
      5,
    );
    model.dispose();
  });

  it("is that of the short rows when padding is masked, whatever the padding", () => {
    const model = tinyModel({ family: "gpt2" });
    const attentionMask = tokensOf([
      [1, 1, 1, 1, 1],
      [1, 1, 1, 0, 0],
    ]);
    const losses = [0, 7].map(
      (pad) =>
        nextTokenLoss(model, { tokens: tokensOf([rows[0]!, [4, 4, 10, pad, pad]]), attentionMask }).dataSync()[0]!,
    );
    const long = nextTokenLoss(model, { tokens: tokensOf([rows[0]!]) }).dataSync()[0]!;
    const short = nextTokenLoss(model, { tokens: tokensOf([[4, 4, 10]]) }).dataSync()[0]!;
    for (const loss of losses) expect(loss).toBeCloseTo((4 * long + 2 * short) / 6, 5);
    model.dispose();
  });

  it("is 0 with gradient 0 for a batch without weight", () => {
    const model = tinyModel({ family: "qwen3" });
    const tokens = tokensOf(rows);
    const { value, grads } = valueAndGrad(
      () => nextTokenLoss(model, { tokens, lossMask: tf.zeros([2, 5]) }),
      model.variables,
    );
    expect(value.dataSync()[0]).toBe(0);
    for (const gradient of grads.values()) expect(distance(gradient, tf.zerosLike(gradient))).toBe(0);
    model.dispose();
  });

  it("refuses a mask of another shape", () => {
    const model = tinyModel({ family: "gpt2" });
    const tokens = tokensOf(rows);
    expect(() => nextTokenLoss(model, { tokens, lossMask: tf.ones([2, 4]) })).toThrow(ShapeError);
    expect(() => nextTokenLoss(model, { tokens, attentionMask: tf.ones([1, 5]) })).toThrow(ShapeError);
    model.dispose();
  });
});

describe("tokenLogprobs", () => {
  it.each([1, 0.7])("gives the probabilities of all sequences, which sum to 1, at temperature %f", (temperature) => {
    const model = tinyModel({ family: "llama", vocabSize: 4 });
    // All 4⁴ continuations of one token.
    const all = Array.from({ length: 256 }, (_, i) => [2, i & 3, (i >> 2) & 3, (i >> 4) & 3, (i >> 6) & 3]);
    const logprobs = tokenLogprobs(model, tokensOf(all), { temperature });
    expect(logprobs.shape).toEqual([256, 4]);
    expect(tf.sum(tf.exp(tf.sum(logprobs, 1))).dataSync()[0]!).toBeCloseTo(1, 5);
    model.dispose();
  });

  it("divides the logits by the temperature", () => {
    const model = tinyModel({ family: "gpt2" });
    const tokens = tokensOf(rows);
    const logits = model.logits(tokens).arraySync();
    const before = tf.memory().numTensors;
    const logprobs = tokenLogprobs(model, tokens, { temperature: 0.5 });
    expect(tf.memory().numTensors).toBe(before + 1);
    const expected = rows.map((row, b) => row.slice(1).map((label, t) => logprob(logits[b]![t]!, label, 0.5)));
    expect(distance(logprobs, tf.tensor2d(expected))).toBeLessThan(1e-5);
    model.dispose();
  });

  it("has minus the gradient of the loss in the mean", () => {
    const model = tinyModel({ family: "olmo2" });
    const tokens = tokensOf(rows);
    const loss = valueAndGrad(() => nextTokenLoss(model, { tokens }), model.variables);
    const mean = valueAndGrad(() => tf.neg(tf.mean(tokenLogprobs(model, tokens))) as tf.Scalar, model.variables);
    for (const [name, gradient] of loss.grads) expect(distance(gradient, mean.grads.get(name)!)).toBeLessThan(1e-6);
    model.dispose();
  });

  it("refuses what has no meaning", () => {
    const model = tinyModel({ family: "gpt2" });
    expect(() => tokenLogprobs(model, tokensOf(rows), { temperature: 0 })).toThrow(ValueError);
    expect(() => tokenLogprobs(model, tokensOf([[1]]))).toThrow(ShapeError);
    model.dispose();
  });
});
