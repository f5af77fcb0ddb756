import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, FormatError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHfConfig, lmConfig, toHfConfig } from "../src/index.js";
import { fixtureFolder, fixtureModels } from "./fixture.js";
import { variants } from "./models.js";

const fixtureConfig = (name: string) => JSON.parse(readFileSync(join(fixtureFolder(name), "config.json"), "utf8"));

/** As transformers 4 wrote it for a Llama 3.2 model, with the generation settings of still older files. */
const llama32 = {
  _name_or_path: "somewhere",
  architectures: ["LlamaForCausalLM"],
  attention_bias: false,
  attention_dropout: 0.0,
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  head_dim: 64,
  hidden_act: "silu",
  hidden_size: 2048,
  initializer_range: 0.02,
  intermediate_size: 8192,
  max_position_embeddings: 131072,
  mlp_bias: false,
  model_type: "llama",
  num_attention_heads: 32,
  num_hidden_layers: 16,
  num_key_value_heads: 8,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_scaling: {
    factor: 32.0,
    high_freq_factor: 4.0,
    low_freq_factor: 1.0,
    original_max_position_embeddings: 8192,
    rope_type: "llama3",
  },
  rope_theta: 500000.0,
  tie_word_embeddings: true,
  torch_dtype: "bfloat16",
  transformers_version: "4.45.0",
  use_cache: true,
  vocab_size: 128256,
  max_length: 20,
  is_encoder_decoder: false,
  pruned_heads: {},
};

const qwen25 = {
  model_type: "qwen2",
  hidden_act: "silu",
  hidden_size: 896,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: true,
  use_mrope: false,
  use_sliding_window: false,
  vocab_size: 151936,
  bos_token_id: 151643,
  eos_token_id: 151645,
};

describe("fromHfConfig", () => {
  it("reads the old form of the rotary settings", () => {
    expect(fromHfConfig(llama32)).toEqual(
      lmConfig({
        family: "llama",
        vocabSize: 128256,
        hidden: 2048,
        layers: 16,
        heads: 32,
        kvHeads: 8,
        headDim: 64,
        ffn: 8192,
        maxPositions: 131072,
        normEps: 1e-5,
        rope: {
          theta: 500000,
          scaling: { type: "llama3", factor: 32, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 8192 },
        },
        tie: true,
        eosIds: [128001, 128008, 128009],
        bosId: 128000,
      }),
    );
    expect(fromHfConfig({ ...llama32, rope_scaling: { type: "linear", factor: 2 } }).rope?.scaling).toEqual({
      type: "linear",
      factor: 2,
    });
    expect(fromHfConfig({ ...llama32, rope_scaling: null }).rope).toEqual({ theta: 500000, scaling: null });
    expect(fromHfConfig(qwen25)).toMatchObject({ headDim: 64, rope: { theta: 1e6, scaling: null }, tie: true });
  });

  it("reads the new form", () => {
    const { rope_scaling: scaling, rope_theta: theta, ...rest } = llama32;
    const rope_parameters = { ...scaling, rope_theta: theta };
    expect(fromHfConfig({ ...rest, rope_parameters })).toEqual(fromHfConfig(llama32));
    expect(fromHfConfig(fixtureConfig("llama-wide")).rope?.scaling).toMatchObject({ type: "llama3", factor: 4 });
  });

  it("takes negative special tokens of old files for none", () => {
    expect(fromHfConfig({ ...llama32, pad_token_id: -1 }).padId).toBeNull();
  });

  it.each([
    ["attn_logit_softcapping", { ...llama32, attn_logit_softcapping: 50 }],
    ["num_experts", { ...qwen25, num_experts: 8 }],
    ["quantization_config", { ...qwen25, quantization_config: { bits: 4 } }],
    ["hidden_act", { ...llama32, hidden_act: "gelu" }],
    ["use_sliding_window", { ...qwen25, use_sliding_window: true }],
    ["layer_types", { ...qwen25, layer_types: Array(24).fill("sliding_attention") }],
    ["rope_scaling.rope_type", { ...llama32, rope_scaling: { rope_type: "yarn", factor: 4 } }],
    ["rope_scaling.attention_factor", { ...llama32, rope_scaling: { type: "linear", factor: 4, attention_factor: 2 } }],
    ["rope_parameters.partial_rotary_factor", { ...qwen25, rope_parameters: { partial_rotary_factor: 0.5 } }],
    ["rope_parameters.full_attention", { ...qwen25, rope_parameters: { full_attention: {} } }],
    ["rope_parameters.rope_theta", { ...qwen25, rope_parameters: { rope_theta: 5 } }],
    ["rope_scaling must say", { ...llama32, rope_parameters: { rope_type: "default" } }],
    ["scale_attn_by_inverse_layer_idx", { ...fixtureConfig("gpt2"), scale_attn_by_inverse_layer_idx: true }],
    ["reorder_and_upcast_attn", { ...fixtureConfig("gpt2"), reorder_and_upcast_attn: true }],
    ["activation_function", { ...fixtureConfig("gpt2"), activation_function: "relu" }],
    ["add_cross_attention", { ...fixtureConfig("gpt2"), add_cross_attention: true }],
    ["model_type", { ...qwen25, model_type: "qwen3_moe" }],
  ])("refuses %s with another function, by name", (key, json) => {
    expect(() => fromHfConfig(json)).toThrow(ConfigError);
    expect(() => fromHfConfig(json)).toThrow(key);
  });

  it("refuses files that are no configs", () => {
    expect(() => fromHfConfig([])).toThrow(FormatError);
    expect(() => fromHfConfig({ model_type: "llama" })).toThrow("hidden_size must be a number, got none");
    expect(() => fromHfConfig({ ...qwen25, vocab_size: "many" })).toThrow('vocab_size must be a number, got "many"');
    expect(() => fromHfConfig({ ...qwen25, eos_token_id: "x" })).toThrow(FormatError);
    expect(() => fromHfConfig({ ...qwen25, rope_parameters: 3 })).toThrow("rope_parameters. must be an object");
  });
});

describe("toHfConfig", () => {
  it.each(fixtureModels)("is undone by fromHfConfig for %s", (name) => {
    const config = fromHfConfig(fixtureConfig(name));
    expect(fromHfConfig(JSON.parse(JSON.stringify(toHfConfig(config))))).toEqual(config);
  });

  it.each(Object.entries(variants))("is undone by fromHfConfig for %s", (_, variant) => {
    const config = lmConfig({ vocabSize: 9, hidden: 16, layers: 2, heads: 4, eosIds: [3, 4], ...variant });
    expect(fromHfConfig(toHfConfig(config))).toEqual(config);
  });

  it("is undone by fromHfConfig for any sizes", () => {
    const size = fc.integer({ min: 1, max: 64 });
    const token = fc.integer({ min: 0, max: 8 });
    const scaling = fc.oneof(
      fc.constant(null),
      fc.record({ type: fc.constant("linear" as const), factor: fc.double({ min: 1, max: 64, noNaN: true }) }),
      fc.record({
        type: fc.constant("llama3" as const),
        factor: size,
        lowFreqFactor: size,
        highFreqFactor: size,
        originalMaxPositions: size,
      }),
    );
    const settings = fc.record({
      family: fc.constantFrom("llama" as const, "olmo2" as const, "qwen3" as const),
      layers: size,
      kvHeads: fc.constantFrom(1, 2, 4),
      headDim: size.map((half) => 2 * half),
      ffn: size,
      maxPositions: size,
      normEps: fc.double({ min: 1e-8, max: 0.1, noNaN: true }),
      rope: fc.record({ theta: fc.double({ min: 1, max: 1e7, noNaN: true }), scaling }),
      tie: fc.boolean(),
      eosIds: fc.array(token, { maxLength: 3 }),
      bosId: fc.option(token),
      padId: fc.option(token),
    });
    fc.assert(
      fc.property(settings, (given) => {
        const config = lmConfig({ vocabSize: 9, hidden: 16, heads: 4, ...given });
        expect(fromHfConfig(JSON.parse(JSON.stringify(toHfConfig(config))))).toEqual(config);
      }),
    );
  });

  it("writes the rotary settings in both forms", () => {
    expect(toHfConfig(fromHfConfig(llama32))).toMatchObject({
      rope_theta: 500000,
      rope_scaling: llama32.rope_scaling,
      rope_parameters: { ...llama32.rope_scaling, rope_theta: 500000 },
    });
  });

  it("refuses settings that the file format cannot say", () => {
    const gpt2 = lmConfig({ family: "gpt2", vocabSize: 9, hidden: 16, layers: 2, heads: 4 });
    expect(() => toHfConfig({ ...gpt2, kvHeads: 2 })).toThrow("got for gpt2: kvHeads = 2");
    expect(() => toHfConfig({ ...gpt2, rope: { theta: 100, scaling: null } })).toThrow(ConfigError);
    expect(() => toHfConfig({ ...gpt2, norm: "rms", bias: { qkv: false, out: true, mlp: true } })).toThrow(
      'norm = "rms", bias = {"qkv":false,"out":true,"mlp":true}',
    );
  });
});
