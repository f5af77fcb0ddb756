import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, ShapeError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { LanguageModel, lmConfig, presets } from "../src/index.js";
import { distance, tinyModel, tokensOf, variants } from "./models.js";

const rows = [
  [1, 5, 3, 9, 2, 7],
  [4, 4, 10, 0, 8, 6],
];

describe("LanguageModel.forward", () => {
  it.each(Object.entries(variants))("of %s gives logits and hidden states that the head agrees with", (_, config) => {
    const model = tinyModel(config);
    const tokens = tokensOf(rows);
    const before = tf.memory().numTensors;
    const { logits, hidden } = model.forward(tokens);
    expect(tf.memory().numTensors).toBe(before + 2);
    expect(logits.shape).toEqual([2, 6, 11]);
    expect(hidden.shape).toEqual([2, 6, 16]);
    const head = model.config.tie
      ? tf.transpose(model.variables.get("embed")!)
      : tf.clone(model.variables.get("head")!);
    const expected = tf.tidy(() => tf.matMul(tf.reshape(hidden, [12, 16]), head as tf.Tensor2D));
    expect(distance(logits, expected)).toBeLessThan(1e-5);
    expect(distance(model.logits(tokens), logits)).toBe(0);
    expect(distance(model.hidden(tokens), hidden)).toBe(0);
    model.dispose();
  });

  it.each(Object.entries(variants))("of %s sees no later token", (_, config) => {
    const model = tinyModel(config);
    const whole = model.logits(tokensOf(rows));
    const changed = model.logits(tokensOf(rows.map((row) => [...row.slice(0, 4), 0, 1])));
    const first = (x: tf.Tensor3D) => tf.slice(x, [0, 0, 0], [2, 4, 11]);
    expect(distance(first(changed), first(whole))).toBe(0);
    expect(distance(changed, whole)).toBeGreaterThan(1e-3);
    model.dispose();
  });

  it.each(Object.entries(variants))(
    "of %s with an attention mask reads left-padded text as if it stood alone",
    (_, config) => {
      const model = tinyModel(config);
      const padded = tokensOf([[0, 0, 3, 9, 2, 7]]);
      const logits = model.logits(padded, {
        attentionMask: tokensOf([[0, 0, 1, 1, 1, 1]]),
        positions: tokensOf([[0, 0, 0, 1, 2, 3]]),
      });
      const alone = model.logits(tokensOf([[3, 9, 2, 7]]));
      expect(distance(tf.slice(logits, [0, 2, 0], [1, 4, 11]), alone)).toBeLessThan(1e-5);
      model.dispose();
    },
  );

  it("turns rotary positions by the distance alone", () => {
    const model = tinyModel({ family: "llama" });
    const tokens = tokensOf([rows[0]!]);
    const moved = model.logits(tokens, { positions: tokensOf([[10, 11, 12, 13, 14, 15]]) });
    expect(distance(moved, model.logits(tokens))).toBeLessThan(1e-4);
    model.dispose();
  });

  it("refuses what does not fit", () => {
    const model = tinyModel({ family: "gpt2" });
    const tokens = tokensOf(rows);
    expect(() => model.logits(tf.tensor2d(rows))).toThrow(ShapeError);
    expect(() => model.logits(tf.zeros([2, 0], "int32"))).toThrow(ShapeError);
    expect(() => model.logits(tf.zeros([1, 33], "int32"))).toThrow(ValueError);
    expect(() => model.logits(tokens, { attentionMask: tf.ones([2, 5]) })).toThrow(ShapeError);
    expect(() => model.logits(tokens, { positions: tf.ones([1, 6], "int32") })).toThrow(ShapeError);
    const cache = model.openCache(1, 8);
    expect(() => model.logits(tokens, { cache })).toThrow(ShapeError);
    expect(() => model.logits(tokensOf([[1]]), { cache, attentionMask: tokensOf([[1]]) })).toThrow(ConfigError);
    expect(() => model.logits(tokens, { inject: () => tf.zeros([2, 6, 15]) })).toThrow(ShapeError);
    cache.dispose();
    model.dispose();
  });
});

describe("LanguageModel", () => {
  it("knows its sizes", () => {
    const model = LanguageModel.create({ ...presets("nano"), eosIds: [3, 4] }, { seed: 1 });
    // d 64, V 256, P 256, two layers of 12 d² + 13 d, a final norm of 2 d.
    expect(model.parameterCount).toBe(64 * 512 + 2 * (12 * 64 * 64 + 13 * 64) + 128);
    expect([model.layers, model.vocabSize, model.eosId]).toEqual([2, 256, 3]);
    model.dispose();
  });

  it("has the end of text −1 when the config names none", () => {
    const model = tinyModel({ family: "gpt2" });
    expect(model.eosId).toBe(-1);
    model.dispose();
  });

  it("frees everything it owns", () => {
    const before = tf.memory().numTensors;
    const model = LanguageModel.create(
      lmConfig({ family: "qwen3", vocabSize: 7, hidden: 8, layers: 1, heads: 2, maxPositions: 16 }),
      { seed: 1 },
    );
    const cache = model.openCache(2, 8);
    cache.dispose();
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
