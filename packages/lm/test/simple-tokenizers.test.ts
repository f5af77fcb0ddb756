import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { charTokenizer, wordTokenizer } from "../src/simple-tokenizers.js";

describe("charTokenizer", () => {
  it("numbers special tokens first, then the characters as they first occur", () => {
    const tokenizer = charTokenizer("abca👍", { bos: "<s>", eos: "</s>" });
    expect([...tokenizer.encode("c👍ba")]).toEqual([4, 5, 3, 2]);
    expect(tokenizer.special).toEqual({ bos: 0, eos: 1 });
    expect(tokenizer.vocabSize).toBe(6);
    expect(tokenizer.decode([0, 2, 5, 1])).toBe("<s>a👍</s>");
  });

  it("gives back any text over its alphabet", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (text) => {
        const tokenizer = charTokenizer(text);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
      { seed: 3 },
    );
  });

  it("reads an unknown character as unk", () => {
    expect([...charTokenizer("ab", { unk: "?" }).encode("axb")]).toEqual([1, 0, 2]);
  });

  it("throws ValueError for an unknown character without unk", () => {
    expect(() => charTokenizer("ab").encode("ab!")).toThrow('known symbols only, got "!" at 2');
  });

  it("has an id that depends on kind, order and special tokens", () => {
    const ids = [
      charTokenizer("ab"),
      charTokenizer("ba"),
      charTokenizer("ab", { eos: "." }),
      wordTokenizer(["a", "b"]),
    ];
    expect(new Set(ids.map((t) => t.id)).size).toBe(4);
    expect(charTokenizer("abab").id).toBe(ids[0]!.id);
  });

  it("throws ValueError for bad symbols", () => {
    expect(() => charTokenizer("")).toThrow(/at least one symbol/);
    expect(() => charTokenizer("ab", { eos: "a" })).toThrow(/must be different/);
    expect(() => charTokenizer("ab", { eos: ".", bos: "." })).toThrow(/must be different/);
    expect(() => charTokenizer("ab", { eos: "" })).toThrow(/must be different/);
    expect(() => charTokenizer("ab").decode([2])).toThrow(/in \[0, 2\), got 2 at position 0/);
  });
});

describe("wordTokenizer", () => {
  const tokenizer = wordTokenizer(["pick", "up", "block-1", "up"], { eos: "<eos>", unk: "<unk>" });

  it("reads words between any white space and writes them with one space", () => {
    expect([...tokenizer.encode("  pick\tup\n\nblock-1 ")]).toEqual([2, 3, 4]);
    expect(tokenizer.decode([2, 3, 4])).toBe("pick up block-1");
  });

  it("reads special tokens that are written as words, and others as unk", () => {
    expect([...tokenizer.encode("pick <eos> down")]).toEqual([2, 0, 1]);
  });

  it("encodes the empty text to nothing and back", () => {
    expect(tokenizer.decode(tokenizer.encode(" "))).toBe("");
  });

  it("throws ValueError for a word with white space", () => {
    expect(() => wordTokenizer(["a", "b c"])).toThrow('got "b c"');
    expect(() => wordTokenizer([""])).toThrow('got ""');
  });
});
