import { readFileSync } from "node:fs";
import { AbortedError, FormatError, StateError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { fitTfidfSvd, loadTfidfSvd } from "../src/tfidf-svd.js";
import { expectClose } from "./expect-close.js";

const fixture = JSON.parse(readFileSync(new URL("fixtures/tfidf-svd.json", import.meta.url), "utf8"));
const sentences: string[] = fixture.sentences;

describe("fitTfidfSvd", () => {
  it("gives the cosines of scikit-learn's pipeline, also for words unseen in fitting", async () => {
    const embedder = await fitTfidfSvd(sentences, { dim: 5, seed: 1 });
    const all = [...sentences, ...fixture.unseen];
    const vectors = await embedder.embed(all);
    const row = (i: number) => vectors.subarray(i * 5, i * 5 + 5);
    const gram = all.map((_, i) => all.map((_, j) => row(i).reduce((sum, x, k) => sum + x * row(j)[k]!, 0)));
    expectClose(gram.flat(), fixture.gram.flat(), { atol: 1e-3 });
  });

  it("gives the same vectors for the same seed and a zero vector without a known word", async () => {
    const [a, b] = await Promise.all([1, 1].map((seed) => fitTfidfSvd(sentences, { dim: 4, seed })));
    expect(a!.id).toBe(b!.id);
    expect(await a!.embed(sentences)).toEqual(await b!.embed(sentences));
    expect(await a!.embed(["qqq"])).toEqual(new Float32Array(4));
    expect((await a!.embed([])).length).toBe(0);
  });

  it("survives JSON", async () => {
    const embedder = await fitTfidfSvd(sentences, { dim: 3, seed: 1 });
    const copy = loadTfidfSvd(JSON.parse(JSON.stringify(embedder)));
    expect(copy.id).toBe(embedder.id);
    expect(await copy.embed(fixture.unseen)).toEqual(await embedder.embed(fixture.unseen));
  });

  it("throws AbortedError when its signal has fired, ValueError for sizes below 1", async () => {
    const signal = AbortSignal.abort();
    await expect(fitTfidfSvd(sentences, { seed: 1, signal })).rejects.toThrow(AbortedError);
    const embedder = await fitTfidfSvd(sentences, { dim: 2, seed: 1 });
    await expect(embedder.embed(sentences, { signal })).rejects.toThrow(AbortedError);
    await expect(fitTfidfSvd(sentences, { dim: 0, seed: 1 })).rejects.toThrow("dim must be an integer ≥ 1, got 0");
    await expect(fitTfidfSvd(["?"], { seed: 1 })).rejects.toThrow(ValueError);
  });
});

describe("loadTfidfSvd", () => {
  it("throws StateError for another version and FormatError for contents that do not fit", async () => {
    const state = JSON.parse(JSON.stringify(await fitTfidfSvd(sentences, { dim: 2, seed: 1 })));
    expect(() => loadTfidfSvd({ ...state, version: 2 })).toThrow(StateError);
    expect(() => loadTfidfSvd({ ...state, words: ["one"] })).toThrow(FormatError);
  });
});
