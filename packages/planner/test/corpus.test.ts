import { AbortedError, ConfigError, FormatError, StateError, ValueError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import { buildPlanCorpus, type PlannedDocument, planIndexPerToken, sentenceEndTokens } from "../src/corpus.js";
import type { TokenizerLike } from "../src/types.js";
import { tinyWorld } from "./tiny.js";

/** One token a character; 1000 begins. */
const characters: TokenizerLike = {
  id: "characters",
  vocabSize: 1001,
  special: { bos: 1000 },
  encode: (text) => Int32Array.from(text, (c) => c.charCodeAt(0)),
  decode: (ids) => String.fromCharCode(...ids),
};
const segmenter = { id: "stops", segment: (text: string) => text.match(/[^.]*\.|[^.]+$/g) ?? [] };
/** Length of the sentence and a 1. */
const embedder = {
  id: "lengths",
  dim: 2,
  embed: async (sentences: readonly string[]) => Float32Array.from(sentences.flatMap((s) => [s.length, 1])),
};
const codebook = codebookOf(Float32Array.of(2, 1, 6, 1), 2, "lengths");
const options = { tokenizer: characters, segmenter, embedder, codebook };

describe("buildPlanCorpus", () => {
  it("joins the tokens of the sentences behind the begin token and labels each sentence with its nearest centroid", async () => {
    const { documents, codebook: used } = await buildPlanCorpus(["a.bcdef.", "gh."], options);
    expect(used).toBe(codebook);
    const [first, second] = documents;
    expect([...first!.tokens]).toEqual([1000, ...characters.encode("a.bcdef.")]);
    expect([...first!.sentenceStart]).toEqual([1, 3]);
    expect([...first!.sentenceVectors]).toEqual([2, 1, 6, 1]);
    expect([...first!.actions]).toEqual([0, 1]);
    expect([...second!.actions]).toEqual([0]);
  });

  it("keeps the text: decoding all but the begin token gives it back", async () => {
    const { texts, tokenizer, corpus } = await tinyWorld();
    corpus.documents.forEach((document, i) => {
      expect(tokenizer.decode(document.tokens.subarray(1))).toBe(texts[i]);
    });
  });

  it("takes streams, and the end token where there is no begin token", async () => {
    async function* stream() {
      yield "a.b.";
    }
    const tokenizer = { ...characters, special: { eos: 7 } };
    const { documents } = await buildPlanCorpus(stream(), { ...options, tokenizer });
    expect(documents[0]!.tokens[0]).toBe(7);
  });

  it("names what is wrong", async () => {
    const build = (texts: string[], changes = {}) => buildPlanCorpus(texts, { ...options, ...changes });
    await expect(build([])).rejects.toThrow(ValueError);
    await expect(build(["one.", "two."])).rejects.toThrow(FormatError);
    await expect(build(["one.", "two."])).rejects.toThrow("document 0 and the other 1 have one");
    const losing = { id: "losing", segment: (text: string) => [text.slice(1)] };
    await expect(build(["a.b."], { segmenter: losing })).rejects.toThrow("the segments of document 0 must concatenate");
    await expect(build([""], {})).rejects.toThrow(FormatError);
    const silent = {
      ...characters,
      encode: (text: string) => (text === "b." ? new Int32Array(0) : characters.encode(text)),
    };
    await expect(build(["a.b."], { tokenizer: silent })).rejects.toThrow('but sentence 1 has none: "b."');
    const short = { ...embedder, embed: async () => new Float32Array(3) };
    await expect(build(["a.b."], { embedder: short })).rejects.toThrow("must give 2 vectors of 2 for document 0");
    await expect(build(["a.b."], { tokenizer: { ...characters, special: {} } })).rejects.toThrow(ConfigError);
    await expect(build(["a.b."], { embedder: { ...embedder, id: "other" } })).rejects.toThrow(StateError);
    await expect(build(["a.b."], { signal: AbortSignal.abort() })).rejects.toThrow(AbortedError);
  });
});

describe("planIndexPerToken", () => {
  it("gives a a a b b b c c c for sentences of 3, 3 and 2 tokens behind a begin token", () => {
    const index = planIndexPerToken({ tokens: new Int32Array(9), sentenceStart: Int32Array.of(1, 4, 7) });
    expect([...index]).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  });

  it("is the sentence of the next token for every partition, and repeats the last", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 9 }), (lengths) => {
        const owner = lengths.flatMap((length, sentence) => Array<number>(length).fill(sentence));
        const sentenceStart = Int32Array.from(lengths, (_, s) => 1 + owner.indexOf(s));
        const index = planIndexPerToken({ tokens: new Int32Array(owner.length + 1), sentenceStart });
        expect([...index]).toEqual([...owner, owner.at(-1)]);
      }),
    );
  });
});

describe("sentenceEndTokens", () => {
  it("keeps the tokens that end a sentence at least half of at least five times", () => {
    const sentences = [[1, 9], [1, 9], [9, 2, 9], [8, 2], [1, 1, 8], [9], [7], [7], [7], [7]];
    const flat = sentences.flat();
    const starts = sentences.map((_, s) => 1 + sentences.slice(0, s).flat().length);
    const document: PlannedDocument = {
      tokens: Int32Array.of(0, ...flat),
      sentenceStart: Int32Array.from(starts),
      sentenceVectors: new Float32Array(sentences.length),
      actions: new Int32Array(sentences.length),
    };
    expect([...sentenceEndTokens([document])]).toEqual([9]); // 4 of 5; 7 ends 4 of 4, 1 ends none
    expect([...sentenceEndTokens([document], { minimumCount: 4 })].sort()).toEqual([7, 9]);
    expect([...sentenceEndTokens([document], { threshold: 0.81 })]).toEqual([]);
  });

  it("finds the stop of the generated language and nothing else", async () => {
    const { corpus } = await tinyWorld();
    expect([...sentenceEndTokens(corpus.documents)]).toEqual([2]);
  });
});
