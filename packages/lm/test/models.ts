import * as tf from "@tensorflow/tfjs-core";
import { type Family, LanguageModel, type LmConfig, lmConfig } from "../src/index.js";

/** Every family, and the settings that change the path through the model. */
export const variants: Readonly<Record<string, Partial<LmConfig> & { readonly family: Family }>> = {
  gpt2: { family: "gpt2" },
  llama: { family: "llama" },
  "llama with grouped queries and wide heads": {
    family: "llama",
    kvHeads: 2,
    headDim: 6,
    rope: { theta: 100, scaling: { type: "linear", factor: 2 } },
  },
  olmo: { family: "olmo", clipQkv: 0.5 },
  olmo2: { family: "olmo2", kvHeads: 2 },
  qwen2: { family: "qwen2" },
  qwen3: { family: "qwen3", headDim: 8, kvHeads: 1 },
};

/** A model of about a thousand parameters: 11 tokens, width 16, 2 layers, 4 heads. */
export function tinyModel(config: Partial<LmConfig> & { readonly family: Family }, seed = 1): LanguageModel {
  const model = LanguageModel.create(
    lmConfig({ vocabSize: 11, hidden: 16, layers: 2, heads: 4, ffn: 20, maxPositions: 32, ...config }),
    { seed },
  );
  // Random everywhere: biases and gains too, and far enough from 0 that nothing hides.
  let index = 0;
  for (const variable of model.variables.values())
    tf.tidy(() => {
      index++;
      const noise = tf.randomNormal(variable.shape, 0, variable.rank === 1 ? 0.1 : 0.3, "float32", seed * 1000 + index);
      variable.assign(tf.add(variable, noise));
    });
  return model;
}

/** Int32 tokens `[B, T]`. */
export const tokensOf = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(
    rows.map((row) => [...row]),
    undefined,
    "int32",
  );

/** The largest |a − b|. */
export function distance(a: tf.Tensor | Float32Array, b: tf.Tensor | Float32Array): number {
  const [x, y] = [a, b].map((t) => (t instanceof tf.Tensor ? t.dataSync() : t)) as [Float32Array, Float32Array];
  if (x.length !== y.length) throw new Error(`lengths must agree, got ${x.length} and ${y.length}`);
  return x.reduce((far, value, i) => (Number.isFinite(value) ? Math.max(far, Math.abs(value - y[i]!)) : Number.NaN), 0);
}
