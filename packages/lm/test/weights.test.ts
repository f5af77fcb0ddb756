import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { lmConfig } from "../src/index.js";
import { bareName, fromFile, isSurplus, toFile, weightPlaces } from "../src/weights.js";
import { distance, tinyModel, variants } from "./models.js";

const sizes = { vocabSize: 11, hidden: 16, layers: 1, heads: 4, ffn: 20, maxPositions: 32 };
const files = (config: Parameters<typeof weightPlaces>[0]) =>
  Object.fromEntries(weightPlaces(config).map(({ file, shape }) => [file, shape]));

describe("weightPlaces", () => {
  it("are [in, out] and fused in a GPT-2 file", () => {
    expect(files(lmConfig({ family: "gpt2", ...sizes }))).toMatchObject({
      "transformer.wte.weight": [11, 16],
      "transformer.wpe.weight": [32, 16],
      "transformer.h.0.ln_1.bias": [16],
      "transformer.h.0.attn.c_attn.weight": [16, 48],
      "transformer.h.0.attn.c_attn.bias": [48],
      "transformer.h.0.mlp.c_fc.weight": [16, 20],
      "transformer.ln_f.weight": [16],
    });
  });

  it("are [out, in] and apart in the other files", () => {
    expect(files(lmConfig({ family: "qwen2", ...sizes, kvHeads: 2 }))).toEqual({
      "model.embed_tokens.weight": [11, 16],
      "model.layers.0.input_layernorm.weight": [16],
      "model.layers.0.self_attn.q_proj.weight": [16, 16],
      "model.layers.0.self_attn.k_proj.weight": [8, 16],
      "model.layers.0.self_attn.v_proj.weight": [8, 16],
      "model.layers.0.self_attn.q_proj.bias": [16],
      "model.layers.0.self_attn.k_proj.bias": [8],
      "model.layers.0.self_attn.v_proj.bias": [8],
      "model.layers.0.self_attn.o_proj.weight": [16, 16],
      "model.layers.0.post_attention_layernorm.weight": [16],
      "model.layers.0.mlp.gate_proj.weight": [20, 16],
      "model.layers.0.mlp.up_proj.weight": [20, 16],
      "model.layers.0.mlp.down_proj.weight": [16, 20],
      "model.norm.weight": [16],
      "lm_head.weight": [11, 16],
    });
  });

  it("name the norms of OLMo 2 by the branch they follow", () => {
    const places = weightPlaces(lmConfig({ family: "olmo2", ...sizes }));
    const file = (variable: string) => places.find((place) => place.variable === variable)?.file;
    expect(file("blocks.0.attnNorm.w")).toBe("model.layers.0.post_attention_layernorm.weight");
    expect(file("blocks.0.mlpNorm.w")).toBe("model.layers.0.post_feedforward_layernorm.weight");
  });
});

describe("fromFile", () => {
  it.each(Object.entries(variants))("undoes toFile for %s", (_, variant) => {
    const model = tinyModel(variant);
    const before = tf.memory().numTensors;
    const stored = new Map(Array.from(toFile(model.config, model.variables), ({ name, data }) => [name, data]));
    expect(tf.memory().numTensors).toBe(before);
    for (const [name, variable] of model.variables) {
      const parts = weightPlaces(model.config).filter((place) => place.variable === name);
      const back = fromFile(parts.map((place) => ({ place, data: stored.get(place.file)! })));
      expect(back.shape).toEqual(variable.shape);
      expect(distance(back, variable)).toBe(0);
    }
    model.dispose();
  });
});

describe("isSurplus", () => {
  it("knows computed buffers and the tied head", () => {
    const gpt2 = lmConfig({ family: "gpt2", ...sizes });
    for (const name of ["h.0.attn.bias", "transformer.h.1.attn.masked_bias", "lm_head.weight"])
      expect(isSurplus(name, gpt2)).toBe(true);
    expect(isSurplus("h.0.attn.c_attn.bias", gpt2)).toBe(false);
    expect(isSurplus("lm_head.weight", lmConfig({ family: "llama", ...sizes }))).toBe(false);
    expect(bareName("transformer.h.0.ln_1.weight")).toBe(bareName("h.0.ln_1.weight"));
  });
});
