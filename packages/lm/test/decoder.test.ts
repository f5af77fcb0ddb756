import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDecoder } from "../src/decoder.js";
import type { LanguageModel } from "../src/model.js";
import { distance, tinyModel, tokensOf } from "./models.js";

let model: LanguageModel;
beforeAll(() => {
  model = tinyModel({ family: "qwen3", kvHeads: 2, maxPositions: 100 });
});
afterAll(() => model.dispose());

/** The logits after a text by one pass over all of it. */
const whole = (text: readonly number[]) =>
  tf.tidy(() => tf.slice(model.logits(tokensOf([text])), [0, text.length - 1, 0]).dataSync() as Float32Array);

describe("openDecoder", () => {
  it("gives the logits of the full pass for texts of any lengths, which grow or stay", async () => {
    const texts = [[3], [1, 5, 2, 9, 9, 0, 4], [7, 7, 1]];
    const decoder = openDecoder(model, texts);
    for (let step = 0; step < 5; step++) {
      const logits = await decoder.next(texts);
      texts.forEach((text, row) => {
        expect(distance(logits.slice(row * 11, row * 11 + 11), whole(text))).toBeLessThan(1e-5);
      });
      texts[0]!.push(step);
      if (step % 2 === 0) texts[2]!.push(10 - step);
    }
    decoder.dispose();
  });

  it("has room for 64·2^k tokens, and never more than the model", () => {
    const lengths = [1, 64, 65, 100].map((length) => {
      const decoder = openDecoder(model, [Array(length).fill(1)]);
      decoder.dispose();
      return decoder.length;
    });
    expect(lengths).toEqual([64, 64, 100, 100]);
  });

  it("keeps the number of tensors, also when the model fails", async () => {
    const before = tf.memory().numTensors;
    const decoder = openDecoder(model, [[1, 2]]);
    await decoder.next([[1, 2, 3]]);
    decoder.dispose();
    expect(() => openDecoder(model, [Array(101).fill(1)])).toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });
});
