import { AbortedError, ValueError } from "@x/core";
import { charTokenizer } from "@x/lm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holdOut, prepareCorpus, type Watch } from "../src/corpus.js";
import { tinyTexts } from "./tiny.js";

describe("holdOut", () => {
  it("parts the documents into two disjoint sets of the share asked for, two at least each", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 60 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        fc.nat(),
        (n, share, seed) => {
          const documents = Array.from({ length: n }, (_, i) => i);
          const { train, test } = holdOut(documents, share, seed);
          expect([...train, ...test].sort((a, b) => a - b)).toEqual(documents);
          expect(test.length).toBe(Math.max(2, Math.round(share * n)));
        },
      ),
    );
  });

  it("is the same for the same seed and another for another", () => {
    const documents = tinyTexts(50);
    expect(holdOut(documents, 0.2, 7)).toEqual(holdOut(documents, 0.2, 7));
    expect(holdOut(documents, 0.2, 7).test).not.toEqual(holdOut(documents, 0.2, 8).test);
  });

  it("throws ValueError when fewer than two would be left to train on, and for a share that is no number", () => {
    expect(() => holdOut([1, 2, 3], 0.1, 1)).toThrow(ValueError);
    expect(() => holdOut([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.9, 1)).toThrow("got 10 documents and a share of 0.9");
    expect(() => holdOut([1, 2, 3, 4], Number.NaN, 1)).toThrow(ValueError);
  });
});

describe("prepareCorpus", () => {
  const texts = { train: tinyTexts(8), test: tinyTexts(2, { seed: 2 }) };
  const options = { vocabulary: 280, actions: 3, embedding: 4, seed: 1 };

  it("gives a tokenizer, and documents whose tokens say the text and whose every sentence has an action", async () => {
    const { tokenizer, codebook, train, test } = await prepareCorpus(texts, options);
    expect([tokenizer.vocabSize, codebook.actions, codebook.dim]).toEqual([280, 3, 4]);
    for (const [part, given] of [
      [train, texts.train],
      [test, texts.test],
    ] as const) {
      expect(part.documents.map(({ tokens }) => tokenizer.decode(tokens.subarray(1)))).toEqual(given);
      for (const { actions, tokens } of part.documents) {
        expect(tokens[0]).toBe(tokenizer.special.eos);
        expect(actions.length).toBe(4);
        for (const action of actions) expect([0, 1, 2]).toContain(action);
      }
    }
    expect(new Set(train.documents.flatMap(({ actions }) => [...actions])).size).toBe(3);
  });

  it("begins a sentence with its blank for the byte-pair tokenizer, whose words do so", async () => {
    const { tokenizer, train } = await prepareCorpus(texts, options);
    const { tokens, sentenceStart } = train.documents[0]!;
    expect(tokenizer.decode(tokens.subarray(sentenceStart[1], sentenceStart[2]))).toMatch(/^ The .*\.$/);
  });

  it("throws AbortedError in whichever work the signal fires", async () => {
    for (const label of [
      "fitting sentence vectors",
      "embedding sentences",
      "clustering sentences",
      "planning documents",
    ]) {
      const control = new AbortController();
      const begun: string[] = [];
      const watch: Watch = async (name, work) => {
        begun.push(name);
        if (name === label) control.abort();
        return work();
      };
      await expect(prepareCorpus(texts, { ...options, watch, signal: control.signal })).rejects.toThrow(AbortedError);
      expect(begun.at(-1)).toBe(label);
    }
  });

  it("fits nothing to the test texts", async () => {
    const one = await prepareCorpus(texts, options);
    const two = await prepareCorpus({ ...texts, test: tinyTexts(3, { seed: 3 }) }, options);
    expect([two.tokenizer.id, two.embedder.id, two.codebook.id]).toEqual([
      one.tokenizer.id,
      one.embedder.id,
      one.codebook.id,
    ]);
    expect(two.train).toEqual(one.train);
  });

  it("takes a tokenizer that is given, and names each piece of long work", async () => {
    const tokenizer = charTokenizer([...texts.train, ...texts.test].join(""), { eos: "\u0000" });
    const labels: string[] = [];
    const corpus = await prepareCorpus(texts, {
      ...options,
      tokenizer,
      watch: async (label, work) => {
        labels.push(label);
        return work();
      },
    });
    expect(corpus.tokenizer).toBe(tokenizer);
    const { tokens, sentenceStart } = corpus.train.documents[0]!;
    expect(tokenizer.decode(tokens.subarray(sentenceStart[0], sentenceStart[1]))).toMatch(/^The .*\. $/);
    expect(labels).toEqual([
      "cutting sentences",
      "fitting sentence vectors",
      "embedding sentences",
      "clustering sentences",
      "planning documents",
    ]);
  });

  it("passes the errors of its parts on: more actions than sentences, nothing to plan, a vocabulary below the bytes", async () => {
    await expect(prepareCorpus(texts, { ...options, actions: 33 })).rejects.toThrow("fitActions: actions must be");
    const single = { train: tinyTexts(4, { sentences: 1 }), test: texts.test };
    await expect(prepareCorpus(single, options)).rejects.toThrow("a document must have two sentences");
    await expect(prepareCorpus(texts, { ...options, vocabulary: 256 })).rejects.toThrow("trainBpe: vocabSize must be");
  });
});
