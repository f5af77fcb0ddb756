import { ConfigError, type ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { checkConfig, type Family, lmConfig, type Preset, presets } from "../src/index.js";

const sizes = { vocabSize: 100, hidden: 48, layers: 2, heads: 4 };

describe("lmConfig", () => {
  it("fills in what the family is made of", () => {
    expect(lmConfig({ family: "gpt2", ...sizes })).toMatchObject({
      norm: "layer",
      rope: null,
      activation: "gelu-tanh",
      ffn: 192,
      headDim: 12,
      kvHeads: 4,
      tie: true,
      eosIds: [],
    });
    expect(lmConfig({ family: "llama", ...sizes })).toMatchObject({ norm: "rms", ffn: 128, tie: false });
    expect(lmConfig({ family: "olmo", ...sizes }).norm).toBe("layer-noaffine");
    expect(lmConfig({ family: "olmo2", ...sizes })).toMatchObject({ normPlace: "post-branch", qkNorm: "full" });
    expect(lmConfig({ family: "qwen2", ...sizes }).bias).toEqual({ qkv: true, out: false, mlp: false });
    expect(lmConfig({ family: "qwen3", ...sizes }).qkNorm).toBe("head");
  });

  it("lets every setting be said", () => {
    expect(lmConfig({ family: "llama", ...sizes, headDim: 20, ffn: 7, tie: true })).toMatchObject({
      headDim: 20,
      ffn: 7,
      tie: true,
    });
  });

  it("refuses a family that it does not know", () => {
    expect(() => lmConfig({ family: "bert" as Family, ...sizes })).toThrow(ConfigError);
  });
});

describe("presets", () => {
  it.each(["nano", "micro", "small", "gpt2"] as const)("%s describes a model", (name) => {
    expect(() => checkConfig(presets(name))).not.toThrow();
  });

  it("refuses another name", () => {
    expect(() => presets("giant" as Preset)).toThrow('got "giant"');
  });
});

describe("checkConfig", () => {
  const config = lmConfig({ family: "llama", ...sizes });

  it.each([
    ["vocabSize", { vocabSize: 0 }],
    ["headDim", { headDim: 2.5 }],
    ["layers", { layers: Number.NaN }],
    ["normEps", { normEps: 0 }],
    ["rope.theta", { rope: { theta: -1, scaling: null } }],
    ["rope.scaling.factor", { rope: { theta: 1, scaling: { type: "linear" as const, factor: 0 } } }],
    ["clipQkv", { clipQkv: Number.POSITIVE_INFINITY }],
    ["eosIds", { eosIds: [5, 100] }],
    ["eosIds", { padId: -1 }],
  ])("refuses a bad %s", (argument, change) => {
    expect(() => checkConfig({ ...config, ...change })).toThrow(
      expect.objectContaining({ argument, code: "E_VALUE" }) as ValueError,
    );
  });

  it("refuses heads that do not fit", () => {
    expect(() => checkConfig({ ...config, kvHeads: 3 })).toThrow("kvHeads must divide heads, got 3 and 4");
    expect(() => checkConfig({ ...config, headDim: 5 })).toThrow(ConfigError);
    expect(() => checkConfig({ ...config, headDim: 5, rope: null })).not.toThrow();
  });
});
