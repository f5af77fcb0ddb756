import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { trainBpe } from "../src/bpe.js";
import type { FileTokenizer } from "../src/tokenizer.js";
import { fixture } from "./tokenizer-fixture.js";

interface Bpe {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (readonly [string, string])[];
}
const model = (tokenizer: FileTokenizer) => tokenizer.files.tokenizer.model as Bpe;
const roles = (special: readonly string[]) => Object.fromEntries(special.map((text, i) => [["eos", "pad"][i]!, text]));

/** The definition itself: count every pair anew, merge the most frequent one in every word. */
function naiveMerges(words: readonly string[], merges: number): string[] {
  let split = words.map((word) => [...word]);
  const result: string[] = [];
  const order = [...new Set(split.flat())].sort();
  while (result.length < merges) {
    const counts = new Map<string, number>();
    for (const word of split)
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = `${word[i]} ${word[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    if (counts.size === 0) break;
    const rank = (pair: string) => pair.split(" ").map((token) => order.indexOf(token));
    const [best] = [...counts].reduce((a, b) => {
      if (a[1] !== b[1]) return a[1] > b[1] ? a : b;
      const [x, y] = [rank(a[0]), rank(b[0])];
      return x[0]! < y[0]! || (x[0] === y[0] && x[1]! < y[1]!) ? a : b;
    });
    const [left, right] = best.split(" ") as [string, string];
    result.push(best);
    if (!order.includes(left + right)) order.push(left + right);
    split = split.map((word) => {
      const merged: string[] = [];
      for (let i = 0; i < word.length; i++) {
        const here = word[i] === left && word[i + 1] === right;
        merged.push(here ? left + right : word[i]!);
        if (here) i++;
      }
      return merged;
    });
  }
  return result;
}

describe("trainBpe", () => {
  it.each(fixture.trained)("learns the merges of the Rust trainer, corpus %#", (expected) => {
    const { texts, vocabSize, special, alphabet, merges } = expected;
    const tokenizer = trainBpe(texts, { vocabSize, special: roles(special) });
    expect(model(tokenizer).merges).toEqual(merges);
    expect(alphabet.map((token) => model(tokenizer).vocab[token])).toEqual([...alphabet.keys()]);
  });

  it("learns the merges of the definition for any words", () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 8 }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(words, (list) => {
        const learnt = model(trainBpe(list, { vocabSize: 262 })).merges.map((pair) => pair.join(" "));
        expect(learnt).toEqual(naiveMerges(list, learnt.length));
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  it("encodes a text that it was trained on to fewer tokens than bytes and gives it back", () => {
    const text = fixture.trained[0]!.texts.join("\r\n");
    const tokenizer = trainBpe([text], { vocabSize: 600 });
    const tokens = tokenizer.encode(text);
    expect(tokens.length).toBeLessThan(0.6 * Buffer.byteLength(text));
    expect(tokenizer.decode(tokens)).toBe(text);
  });

  it("gives back any text, also one with bytes that it never saw", () => {
    const tokenizer = trainBpe(["abc abc"], { vocabSize: 258 });
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(Buffer.from(text).toString());
      }),
      { seed: 5 },
    );
  });

  it("knows its special tokens by role", () => {
    const special = { eos: "<|end|>", pad: "<pad>", user: "<|user|>" };
    const tokenizer = trainBpe(["a b"], { vocabSize: 300, special });
    expect(tokenizer.special).toEqual({ eos: 0, pad: 1 });
    expect([...tokenizer.encode("<|user|><|end|>")]).toEqual([2, 0]);
  });

  it("stops early when no pair is left", () => {
    const tokenizer = trainBpe(["abc"], { vocabSize: 1000 });
    expect(tokenizer.vocabSize).toBe(258);
  });

  it("gives the same tokenizer for the same texts, whatever their order", () => {
    const texts = [...fixture.trained[0]!.texts];
    const ids = [texts, texts.toReversed()].map((t) => trainBpe(t, { vocabSize: 400 }).id);
    expect(ids[0]).toBe(ids[1]);
  });

  it("throws ValueError for a vocabulary smaller than bytes and special tokens", () => {
    expect(() => trainBpe(["a"], { vocabSize: 256, special: { eos: "." } })).toThrow(/vocabSize must be in \[257,/);
  });

  it("throws ValueError for special tokens that are equal or empty", () => {
    expect(() => trainBpe(["a"], { vocabSize: 300, special: { eos: ".", pad: "." } })).toThrow(/must be different/);
    expect(() => trainBpe(["a"], { vocabSize: 300, special: { eos: "" } })).toThrow(/not empty/);
  });
});
