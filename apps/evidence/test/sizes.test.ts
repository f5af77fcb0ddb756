import { describe, expect, it } from "vitest";
import { gpt2Config, readSize, sizeArguments, sizes } from "../src/sizes.js";

describe("readSize", () => {
  it("reads what sizeArguments wrote, whatever follows", () => {
    for (const size of Object.values(sizes)) expect(readSize([...sizeArguments(size), "16", "128"])).toEqual(size);
  });
});

describe("gpt2Config", () => {
  it("is a GPT-2 of that size", () => {
    const config = { family: "gpt2", hidden: 256, layers: 4, heads: 8, maxPositions: 128, vocabSize: 2048, tie: true };
    expect(gpt2Config(sizes.M)).toMatchObject(config);
  });
});
