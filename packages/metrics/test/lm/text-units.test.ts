import { bitsPerByte, bytePerplexity, countBytes, countWords, sumNll, wordPerplexity } from "@x/metrics/lm";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/lm.json" with { type: "json" };

describe("countWords", () => {
  it("counts the pieces of Python's whitespace split, empty ones at the edges included", () => {
    for (const { text, words } of fixtures.words) expect(countWords(text)).toBe(words);
  });

  it("splits at exactly the characters that Python's \\s matches", () => {
    const splitting: number[] = [];
    for (let c = 0; c < 0x10000; c++) if (countWords(`a${String.fromCodePoint(c)}b`) === 2) splitting.push(c);
    expect(splitting).toEqual(fixtures.whitespace);
    expect(countWords("a\u{1f600}b")).toBe(1);
  });
});

describe("countBytes", () => {
  it("is the length in UTF-8", () => {
    for (const { text, bytes } of fixtures.words) expect(countBytes(text)).toBe(bytes);
    expect(countBytes("aé€😀")).toBe(1 + 2 + 3 + 4);
  });
});

describe("figures per byte and per word", () => {
  // "to be or not to be": 18 bytes, 6 words, in 9 tokens of 2 bits each: 18 bits.
  const text = "to be or not to be";
  const nll = sumNll(new Array(9).fill(Math.log(1 / 4)));

  it("are what lm-evaluation-harness reports, by hand", () => {
    expectClose(bitsPerByte(nll, countBytes(text)), 1, { rtol: 1e-14 });
    expectClose(bytePerplexity(nll, countBytes(text)), 2, { rtol: 1e-14 });
    expectClose(wordPerplexity(nll, countWords(text)), 2 ** 3, { rtol: 1e-14 });
  });

  it("do not depend on how the text was cut into tokens", () => {
    const coarse = sumNll(new Array(3).fill(-6 * Math.LN2));
    expectClose(bitsPerByte(coarse, 18), bitsPerByte(nll, 18), { rtol: 1e-14 });
  });

  it("name the argument and value that they refuse", () => {
    expectValueError(() => bitsPerByte(nll, 0), { argument: "bytes", value: 0 });
    expectValueError(() => bytePerplexity(nll, Number.NaN), { argument: "bytes", value: Number.NaN });
    expectValueError(() => wordPerplexity(nll, -1), { argument: "words", value: -1 });
    expectValueError(() => bitsPerByte({ sum: Number.NaN, count: 1 }, 1), { argument: "sum" });
  });
});
