import { describe, expect, it } from "vitest";
import { lmConfig, parameters } from "../src/index.js";

const sizes = { vocabSize: 11, hidden: 16, layers: 1, heads: 4, ffn: 20, maxPositions: 32 };
const shapes = (config: Parameters<typeof parameters>[0]) =>
  Object.fromEntries(Array.from(parameters(config), ([name, { shape }]) => [name, shape]));

describe("parameters", () => {
  it("are those of GPT-2 for gpt2", () => {
    expect(shapes(lmConfig({ family: "gpt2", ...sizes }))).toEqual({
      embed: [11, 16],
      pos: [32, 16],
      "blocks.0.attnNorm.w": [16],
      "blocks.0.attnNorm.b": [16],
      "blocks.0.qkv.w": [16, 48],
      "blocks.0.qkv.b": [48],
      "blocks.0.o.w": [16, 16],
      "blocks.0.o.b": [16],
      "blocks.0.mlpNorm.w": [16],
      "blocks.0.mlpNorm.b": [16],
      "blocks.0.up.w": [16, 20],
      "blocks.0.up.b": [20],
      "blocks.0.down.w": [20, 16],
      "blocks.0.down.b": [16],
      "norm.w": [16],
      "norm.b": [16],
    });
  });

  it("follow grouped heads of another width", () => {
    expect(shapes(lmConfig({ family: "qwen3", ...sizes, kvHeads: 2, headDim: 6 }))).toEqual({
      embed: [11, 16],
      "blocks.0.attnNorm.w": [16],
      "blocks.0.qkv.w": [16, 4 * 6 + 2 * 2 * 6],
      "blocks.0.qNorm.w": [6],
      "blocks.0.kNorm.w": [6],
      "blocks.0.o.w": [24, 16],
      "blocks.0.mlpNorm.w": [16],
      "blocks.0.gate.w": [16, 20],
      "blocks.0.up.w": [16, 20],
      "blocks.0.down.w": [20, 16],
      "norm.w": [16],
      head: [16, 11],
    });
  });

  it("include no norms for olmo, and norms of the whole projection for olmo2", () => {
    expect(Object.keys(shapes(lmConfig({ family: "olmo", ...sizes }))).filter((name) => /norm/i.test(name))).toEqual(
      [],
    );
    const olmo2 = shapes(lmConfig({ family: "olmo2", ...sizes, kvHeads: 2 }));
    expect([olmo2["blocks.0.qNorm.w"], olmo2["blocks.0.kNorm.w"]]).toEqual([[16], [8]]);
  });
});
