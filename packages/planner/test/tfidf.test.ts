import { readFileSync } from "node:fs";
import { ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { fitTfidf, tfidfRows, wordNgrams } from "../src/tfidf.js";
import { expectClose } from "./expect-close.js";

const fixture = JSON.parse(readFileSync(new URL("fixtures/tfidf-svd.json", import.meta.url), "utf8"));

describe("wordNgrams", () => {
  it("gives lower-case words and their pairs", () => {
    expect([...wordNgrams("The cat, the Dog!", 2)]).toEqual([
      "the",
      "cat",
      "the",
      "dog",
      "the cat",
      "cat the",
      "the dog",
    ]);
  });

  it("takes each Chinese or Japanese character as a word, also behind Latin ones", () => {
    expect([...wordNgrams("我爱B2B市场のtest", 1)]).toEqual(["我", "爱", "b2b", "市", "场", "の", "test"]);
  });
});

describe("fitTfidf", () => {
  it("equals scikit-learn's TfidfVectorizer in features, weights and rows", () => {
    const model = fitTfidf(fixture.sentences, 2, 10_000);
    expect([...model.columns.keys()].sort()).toEqual(fixture.features);
    const column = (feature: string) => model.columns.get(feature)!;
    expectClose(
      fixture.features.map((f: string) => model.idf[column(f)]!),
      fixture.idf,
      { atol: 1e-6 },
    );
    const rows = tfidfRows(model, [fixture.sentences[0]]);
    const dense = new Float64Array(rows.width);
    rows.columns.forEach((c, k) => {
      dense[c] = rows.values[k]!;
    });
    expectClose(
      fixture.features.map((f: string) => dense[column(f)]!),
      fixture.firstRow,
      { atol: 1e-6 },
    );
  });

  it("keeps the most frequent n-grams, alphabetically among equals", () => {
    expect([...fitTfidf(["b a b", "c b a d"], 1, 3).columns.keys()]).toEqual(["b", "a", "c"]);
  });

  it("throws ValueError when there is no word", () => {
    expect(() => fitTfidf(["...", "!"], 1, 10)).toThrow(ValueError);
  });
});

describe("tfidfRows", () => {
  it("leaves the row of a sentence without a known word empty, and makes the others unit vectors", () => {
    const rows = tfidfRows(fitTfidf(["a b", "b c"], 2, 10), ["zzz", "a c a"]);
    expect([...rows.starts]).toEqual([0, 0, 2]);
    expect(Math.hypot(...rows.values)).toBeCloseTo(1, 12);
  });
});
