import { ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { intlSegmenter } from "../src/segmenter.js";
import { type Story, sentenceLanguage } from "../src/synthetic-language.js";

const language = sentenceLanguage({ seed: 2 });
const stories = language.sample(600, "validation");

describe("sentenceLanguage", () => {
  it("has 99 tokens, and texts that read back as their tokens and segment into their sentences", () => {
    const { tokenizer } = language;
    expect(tokenizer.vocabSize).toBe(99);
    const segmenter = intlSegmenter();
    for (const { text, tokens, types } of stories.slice(0, 50)) {
      expect(text).toMatch(/^([A-Z][a-z]{3}( [a-z]{4}){2,5}\. ?){8}$/);
      expect(tokenizer.encode(text)).toEqual(tokens);
      const sentences = segmenter.segment(text);
      expect(sentences.length).toBe(types.length);
      expect(sentences.flatMap((sentence) => [...tokenizer.encode(sentence)])).toEqual([...tokens]);
    }
    expect(tokenizer.decode(Int32Array.of(0, 3, 4, 2, 3, 1))).toBe("Bako deta. Bako");
  });

  it("draws the same stories for the same seeds and has one table for all of them", () => {
    const again = sentenceLanguage({ seed: 2 });
    expect(again.table).toEqual(language.table);
    expect(again.sample(3, "validation")).toEqual(stories.slice(0, 3));
    expect(again.sample(3, "training")).not.toEqual(stories.slice(0, 3));
  });

  it("follows its table and its words: frequencies within 4 standard errors", () => {
    const { words, table } = language;
    const many = language.sample(3000, 7);
    const wordCounts = new Float64Array(words.length);
    const pairCounts = new Float64Array(table.length);
    for (const { tokens, types } of many) {
      let sentence = 0;
      for (const token of tokens) token === 2 ? sentence++ : wordCounts[types[sentence]! * 96 + token - 3]!++;
      for (let n = 2; n < types.length; n++) pairCounts[(types[n - 2]! * 8 + types[n - 1]!) * 8 + types[n]!]!++;
    }
    expect(worstDeviation(wordCounts, words, 96)).toBeLessThan(4.5);
    expect(worstDeviation(pairCounts, table, 8)).toBeLessThan(4.5);
  });

  it("orders its references: no history > last type > Bayes > true type, near the values of the design's language", () => {
    const { noHistory, lastType, bayes, trueType } = language.references(stories);
    const near = (value: number, target: number) => expect(Math.abs(value - target)).toBeLessThan(0.05);
    near(noHistory, 2.908);
    near(lastType, 2.878);
    near(bayes, 2.768);
    near(trueType, 2.551);
    expect(noHistory).toBeGreaterThan(lastType);
    expect(lastType).toBeGreaterThan(bayes);
    expect(bayes).toBeGreaterThan(trueType);
  });

  it("computes the Bayes reference as the sum over all sequences of types (brute force)", () => {
    const small = sentenceLanguage({ types: 3, sentences: 3, seed: 5 });
    const samples = small.sample(4, 1);
    const { bayes, bayesByStory } = small.references(samples);
    for (const [i, story] of samples.entries())
      expect(bayesByStory[i]).toBeCloseTo(-Math.log(bruteForce(small, story)), 10);
    const tokens = samples.reduce((sum, story) => sum + story.tokens.length, 0);
    expect(bayes).toBeCloseTo(bayesByStory.reduce((a, b) => a + b) / tokens, 12);
  });

  it("throws ValueError for options outside their range and for text of other words", () => {
    expect(() => sentenceLanguage({ types: 1, seed: 1 })).toThrow(ValueError);
    expect(() => sentenceLanguage({ sentences: 0, seed: 1 })).toThrow(ValueError);
    expect(() => sentenceLanguage({ concentration: 0, seed: 1 })).toThrow(ValueError);
    expect(() => sentenceLanguage({ ownWords: 1.1, seed: 1 })).toThrow("ownWords must be in [0, 1], got 1.1");
    expect(() => language.tokenizer.encode("Hello.")).toThrow(ValueError);
  });
});

/** Largest |count − np| / √(np(1 − p)) over entries with np ≥ 5; 0.4 % of such tests of 700 entries exceed 4.5. */
function worstDeviation(counts: Float64Array, probabilities: Float64Array, width: number): number {
  let worst = 0;
  for (let row = 0; row < counts.length; row += width) {
    const n = counts.subarray(row, row + width).reduce((a, b) => a + b, 0);
    for (let i = row; i < row + width; i++) {
      const p = probabilities[i]!;
      if (n * p >= 5) worst = Math.max(worst, Math.abs(counts[i]! - n * p) / Math.sqrt(n * p * (1 - p) + 1e-9));
    }
  }
  return worst;
}

/** P(story), summed over every pair before the story and every sequence of types. */
function bruteForce({ table, words }: { table: Float64Array; words: Float64Array }, { tokens }: Story): number {
  const sentences: number[][] = [[]];
  for (const token of tokens) token === 2 ? sentences.push([]) : sentences.at(-1)!.push(token - 3);
  const likelihood = (n: number, m: number) => sentences[n]!.reduce((p, w) => p * words[m * 96 + w]!, 1 / 4);
  const rest = (n: number, a: number, b: number): number =>
    n === 3
      ? 1
      : [0, 1, 2].reduce((sum, c) => sum + table[(a * 3 + b) * 3 + c]! * likelihood(n, c) * rest(n + 1, b, c), 0);
  return [0, 1, 2].reduce((sum, a) => sum + [0, 1, 2].reduce((s, b) => s + rest(0, a, b) / 9, 0), 0);
}
