import * as tf from "@tensorflow/tfjs-core";
import { lmConfig } from "../src/config.js";
import { LanguageModel } from "../src/model.js";

const sizes = { vocabSize: 13, hidden: 16, layers: 2, maxPositions: 160 };

/** Learned positions, tied head. */
export const tinyGpt2 = (seed: number | string = 1) =>
  LanguageModel.create(lmConfig({ ...sizes, family: "gpt2", heads: 2 }), { seed });

/** Rotary positions, two query heads for each key-value head. */
export const tinyLlama = (seed: number | string = 1) =>
  LanguageModel.create(lmConfig({ ...sizes, family: "llama", heads: 4, kvHeads: 2, ffn: 24 }), { seed });

/** A model whose next token is always what `next` says, asked once a step. */
export function scriptedModel(vocabSize: number, next: () => number) {
  return {
    vocabSize,
    config: { maxPositions: 64, eosIds: [] },
    openCache: () => ({ dispose() {} }),
    hidden: () => tf.zeros([1, 1, 1]) as tf.Tensor3D,
    logits: () =>
      tf.reshape(tf.mul(tf.oneHot(tf.scalar(next(), "int32"), vocabSize), 1e6), [1, 1, vocabSize]) as tf.Tensor3D,
  };
}
