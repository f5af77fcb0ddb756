import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import type { LanguageModel } from "../src/index.js";
import { distance, tinyModel, tokensOf, variants } from "./models.js";

const texts = [
  [1, 5, 3, 9, 2, 7, 8, 8, 1],
  [4, 4, 10, 0, 8, 6, 2],
  [6, 1, 0, 2],
];

/** The logits [V] after token t of a text, by a full pass over the text alone. */
const fullPass = (model: LanguageModel, text: readonly number[], t: number) =>
  tf.tidy(() => tf.reshape(tf.slice(model.logits(tokensOf([text])), [0, t, 0], [1, 1, -1]), [-1]));

const at = (logits: tf.Tensor3D, row: number, t: number) => tf.reshape(tf.slice(logits, [row, t, 0], [1, 1, -1]), [-1]);

describe("KvCache", () => {
  it.each(Object.entries(variants))("of %s gives the logits of the full pass for ragged rows", (_, config) => {
    const model = tinyModel(config);
    const cache = model.openCache(3, 12);
    const lengths = [5, 3, 1];
    const prompt = texts.map((text, i) => Array.from({ length: 5 }, (_, t) => (t < lengths[i]! ? text[t]! : 0)));
    const prefill = model.logits(tokensOf(prompt), { cache });
    for (const [i, n] of lengths.entries())
      expect(distance(at(prefill, i, n - 1), fullPass(model, texts[i]!, n - 1))).toBeLessThan(1e-5);
    for (let step = 0; step < 3; step++) {
      const places = lengths.map((n) => n + step);
      const logits = model.logits(tokensOf(places.map((t, i) => [texts[i]![t]!])), {
        cache,
        positions: tokensOf(places.map((t) => [t])),
      });
      for (const [i, t] of places.entries())
        expect(distance(at(logits, i, 0), fullPass(model, texts[i]!, t))).toBeLessThan(1e-5);
    }
    cache.dispose();
    model.dispose();
  });

  it.each(["gpt2", "llama with grouped queries and wide heads"])(
    "of %s takes several tokens at given positions",
    (name) => {
      const model = tinyModel(variants[name]!);
      const cache = model.openCache(2, 9);
      model.logits(tokensOf([texts[0]!.slice(0, 4), texts[1]!.slice(0, 4)]), { cache });
      const logits = model.logits(tokensOf([texts[0]!.slice(4, 7), [8, 6, 0]]), {
        cache,
        positions: tokensOf([
          [4, 5, 6],
          [4, 5, 8],
        ]),
      });
      for (const t of [4, 5, 6])
        expect(distance(at(logits, 0, t - 4), fullPass(model, texts[0]!, t))).toBeLessThan(1e-5);
      const next = model.logits(tokensOf([[8], [2]]), { cache, positions: tokensOf([[7], [6]]) });
      expect(distance(at(next, 0, 0), fullPass(model, texts[0]!, 7))).toBeLessThan(1e-5);
      expect(distance(at(next, 1, 0), fullPass(model, texts[1]!, 6))).toBeLessThan(1e-5);
      cache.dispose();
      model.dispose();
    },
  );

  it("keeps the number of tensors while it fills", () => {
    const model = tinyModel({ family: "llama" });
    const cache = model.openCache(1, 32);
    const tokens = tokensOf([[3]]);
    const counts = Array.from({ length: 32 }, (_, t) => {
      const positions = tokensOf([[t]]);
      tf.dispose([model.logits(tokens, { cache, positions }), positions]);
      return tf.memory().numTensors;
    });
    expect(new Set(counts).size).toBe(1);
    cache.dispose();
    model.dispose();
  });

  it("starts again when a prompt is given without positions", () => {
    const model = tinyModel({ family: "qwen3" });
    const cache = model.openCache(1, 9);
    model.logits(tokensOf([[7, 7, 7, 7, 7]]), { cache });
    model.logits(tokensOf([texts[1]!.slice(0, 4)]), { cache });
    const logits = model.logits(tokensOf([[8]]), { cache, positions: tokensOf([[4]]) });
    expect(distance(at(logits, 0, 0), fullPass(model, texts[1]!, 4))).toBeLessThan(1e-5);
    cache.dispose();
    model.dispose();
  });

  it("takes the beginnings of texts into some of its rows, and leaves the others as they are", () => {
    const model = tinyModel({ family: "llama", kvHeads: 2 });
    const cache = model.openCache(3, 12);
    model.logits(tokensOf([texts[0]!.slice(0, 5), [7, 7, 7, 7, 7], texts[2]!.concat(0)]), { cache });
    const cacheRows = tf.tensor1d([1], "int32");
    const prefill = model.logits(tokensOf([texts[1]!.slice(0, 4)]), { cache, cacheRows });
    expect(distance(at(prefill, 0, 3), fullPass(model, texts[1]!, 3))).toBeLessThan(1e-5);
    const logits = model.logits(tokensOf([[texts[0]![5]!], [texts[1]![4]!], [texts[2]![3]!]]), {
      cache,
      positions: tokensOf([[5], [4], [3]]),
    });
    for (const [row, t] of [5, 4, 3].entries())
      expect(distance(at(logits, row, 0), fullPass(model, texts[row]!, t))).toBeLessThan(1e-5);
    const positions = tokensOf([[0]]);
    expect(() => model.logits(tokensOf([[1]]), { cache, cacheRows, positions })).toThrow(/cacheRows must be left out/);
    cache.dispose();
    model.dispose();
  });

  it("grows and keeps what it holds, and refuses to shrink", () => {
    const model = tinyModel({ family: "qwen3" });
    const cache = model.openCache(1, 5);
    model.logits(tokensOf([texts[0]!.slice(0, 5)]), { cache });
    cache.grow(32);
    expect(cache.length).toBe(32);
    for (const t of [5, 6]) {
      const logits = model.logits(tokensOf([[texts[0]![t]!]]), { cache, positions: tokensOf([[t]]) });
      expect(distance(at(logits, 0, 0), fullPass(model, texts[0]!, t))).toBeLessThan(1e-5);
    }
    expect(() => cache.grow(31)).toThrow("grow: length must be an integer ≥ 32, got 31");
    expect(() => cache.grow(33)).toThrow("at most maxPositions 32, got 33");
    cache.dispose();
    model.dispose();
  });

  it("refuses sizes that no cache can have", () => {
    const model = tinyModel({ family: "gpt2" });
    expect(() => model.openCache(0, 4)).toThrow(ValueError);
    expect(() => model.openCache(1, 2.5)).toThrow(ValueError);
    expect(() => model.openCache(1, 33)).toThrow("at most maxPositions 32, got 33");
    model.dispose();
  });
});
