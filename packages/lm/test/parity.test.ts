import * as tf from "@tensorflow/tfjs-core";
import { valueAndGrad } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { LanguageModel, nextTokenLoss } from "../src/index.js";
import { toFile } from "../src/weights.js";
import { expectedOf, fixtureFolder, fixtureModels } from "./fixture.js";
import { distance, tokensOf } from "./models.js";

describe.each(fixtureModels)("%s, next to transformers,", (name) => {
  it("has the same logits", async () => {
    const [model, expected] = [await LanguageModel.load(fixtureFolder(name)), await expectedOf(name)];
    const logits = model.logits(expected.get("tokens") as tf.Tensor2D);
    expect(logits.shape).toEqual(expected.get("logits")!.shape);
    expect(distance(logits, expected.get("logits")!)).toBeLessThan(2e-4);
    model.dispose();
  });

  it("has the same loss and the same gradient of every parameter", async () => {
    const [model, expected] = [await LanguageModel.load(fixtureFolder(name)), await expectedOf(name)];
    const tokens = expected.get("tokens") as tf.Tensor2D;
    const { value, grads } = valueAndGrad(() => nextTokenLoss(model, { tokens }), model.variables);
    expect(Math.abs(value.dataSync()[0]! - expected.get("loss")!.dataSync()[0]!)).toBeLessThan(1e-5);
    const compared = new Set<string>();
    for (const { name: key, data } of toFile(model.config, grads)) {
      const reference = expected.get(`gradient.${key}`)!.dataSync() as Float32Array;
      const scale = reference.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(distance(data, reference) / scale, key).toBeLessThan(1e-4);
      compared.add(`gradient.${key}`);
    }
    expect([...expected.keys()].filter((key) => key.startsWith("gradient.") && !compared.has(key))).toEqual([]);
    model.dispose();
  });

  it("writes the same 32 greedy tokens", async () => {
    const [model, expected] = [await LanguageModel.load(fixtureFolder(name)), await expectedOf(name)];
    const cache = model.openCache(1, 40);
    const prompt = tf.slice(expected.get("tokens") as tf.Tensor2D, [0, 0], [1, 5]);
    const written: number[] = [];
    let logits = tf.slice(model.logits(prompt, { cache }), [0, 4, 0], [1, 1, -1]);
    for (let t = 5; written.length < 32; t++) {
      written.push(tf.argMax(logits, 2).dataSync()[0]!);
      logits = model.logits(tokensOf([[written.at(-1)!]]), { cache, positions: tokensOf([[t]]) });
    }
    expect(written).toEqual([...expected.get("greedy")!.dataSync()]);
    cache.dispose();
    model.dispose();
  });
});
