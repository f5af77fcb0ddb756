import * as tf from "@tensorflow/tfjs-core";
import { adamW, trainStep } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { nextTokenLoss } from "../src/index.js";
import { tinyModel, tokensOf, variants } from "./models.js";

describe("a LanguageModel in trainStep", () => {
  it.each(Object.entries(variants))("of %s learns a text by heart and keeps the number of tensors", (_, config) => {
    const model = tinyModel(config);
    const optimizer = adamW({ weightDecay: 0 });
    const step = trainStep({
      groups: [{ variables: model.variables, optimizer }],
      loss: (batch: { tokens: tf.Tensor2D }) => nextTokenLoss(model, batch),
      clipNorm: 1,
    });
    const batch = { tokens: tokensOf([[1, 5, 3, 9, 2, 7, 10, 4]]) };
    const first = step(batch, 0.02).loss;
    const before = tf.memory().numTensors;
    let last = first;
    for (let i = 0; i < 25; i++) last = step(batch, 0.02).loss;
    expect(tf.memory().numTensors).toBe(before);
    expect(last).toBeLessThan(first / 5);
    optimizer.dispose();
    model.dispose();
  });
});
