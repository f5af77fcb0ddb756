import { ValueError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { codebookOf } from "../src/actions.js";
import { type PlanBatch, planChunks } from "../src/chunks.js";
import { type PlanCorpus, planIndexPerToken } from "../src/corpus.js";

/** Documents of given sentence lengths; token t of document d is 100d + t, the vector of sentence s is 10d + s. */
function corpusOf(documents: readonly (readonly number[])[]): PlanCorpus {
  return {
    codebook: codebookOf(Float32Array.of(0, 1), 1, "e"),
    documents: documents.map((lengths, d) => {
      const starts = lengths.map((_, s) => 1 + lengths.slice(0, s).reduce((a, b) => a + b, 0));
      const length = 1 + lengths.reduce((a, b) => a + b);
      return {
        tokens: Int32Array.from({ length }, (_, t) => 100 * d + t),
        sentenceStart: Int32Array.from(starts),
        sentenceVectors: Float32Array.from(lengths, (_, s) => 10 * d + s),
        actions: Int32Array.from(lengths, (_, s) => (d + s) % 2),
      };
    }),
  };
}

const batchesOf = (corpus: PlanCorpus, options: Parameters<typeof planChunks>[1]) => {
  const chunks = planChunks(corpus, options);
  return Array.from({ length: chunks.batches }, (_, i) => chunks.batch(i));
};

/** Every counted label as [document, position, token it follows, sentence whose vector its plan row reads last]. */
function labels(batches: readonly PlanBatch[]) {
  return batches.flatMap((batch) => {
    const { length, sentences } = batch.shape;
    return [...batch.lossMask].flatMap((counts, at) => {
      if (counts === 0) return [];
      const row = Math.floor(at / length);
      const plan = row * sentences + batch.planOfToken[at]!;
      const before = batch.vectorMask[plan] === 1 ? batch.vectors[plan]! : -1;
      const position = batch.start[row]! + (at % length) + 1;
      return [{ document: batch.document[row]!, position, label: batch.labels[at]!, token: batch.tokens[at]!, before }];
    });
  });
}

const documents = fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 7 }), {
  minLength: 1,
  maxLength: 5,
});
const settings = fc.record({
  length: fc.integer({ min: 1, max: 12 }),
  batchSize: fc.integer({ min: 1, max: 4 }),
  reach: fc.integer({ min: 0, max: 3 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe("planChunks", () => {
  it("shows a batch by hand: sentences of 3, 2 and 2 tokens in chunks of 4", () => {
    const [batch] = batchesOf(corpusOf([[3, 2, 2]]), { length: 4, batchSize: 2, reach: 1 });
    expect(batch!.shape).toEqual({ rows: 2, length: 4, sentences: 3, dim: 1 });
    expect([...batch!.tokens]).toEqual([0, 1, 2, 3, 4, 5, 6, 0]);
    expect([...batch!.labels]).toEqual([1, 2, 3, 4, 5, 6, 7, 0]);
    expect([...batch!.lossMask]).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
    expect([...batch!.planOfToken]).toEqual([0, 0, 0, 1, 1, 2, 2, 0]);
    expect([...batch!.vectorMask]).toEqual([0, 1, 0, 0, 1, 1]);
    expect([...batch!.vectors]).toEqual([0, 0, 0, 0, 0, 1]);
    expect([...batch!.actions]).toEqual([0, 1, 0, 0, 1, 0]);
    expect([...batch!.actionMask]).toEqual([1, 1, 0, 0, 0, 1]);
  });

  it("makes every token but the first a label exactly once, for any stride, and never crosses documents", () => {
    fc.assert(
      fc.property(documents, settings, (lengths, { share, ...options }) => {
        const corpus = corpusOf(lengths);
        const stride = 1 + Math.floor(share * (options.length - 1));
        const found = labels(batchesOf(corpus, { ...options, stride }));
        const expected = corpus.documents.flatMap(({ tokens }) => [...tokens].slice(1));
        expect(found.map(({ label }) => label).sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b));
        for (const { document, position, label, token } of found) {
          expect(label).toBe(100 * document + position);
          expect(token).toBe(label - 1);
        }
      }),
    );
  });

  it("makes every sentence's action count exactly once", () => {
    fc.assert(
      fc.property(documents, settings, (lengths, { share, ...options }) => {
        const corpus = corpusOf(lengths);
        const stride = 1 + Math.floor(share * (options.length - 1));
        const counted = batchesOf(corpus, { ...options, stride }).reduce(
          (sum, b) => sum + b.actionMask.reduce((x, y) => x + y, 0),
          0,
        );
        expect(counted).toBe(lengths.flat().length);
      }),
    );
  });

  it("reads every plan from the same sentences whatever the chunk: the one before it, and `reach` more", () => {
    fc.assert(
      fc.property(documents, settings, (lengths, { share: _, ...options }) => {
        const corpus = corpusOf(lengths);
        const plans = corpus.documents.map(planIndexPerToken);
        const batches = batchesOf(corpus, options);
        for (const { document, position, before } of labels(batches)) {
          const sentence = plans[document]![position - 1]!;
          expect(before).toBe(sentence === 0 ? -1 : 10 * document + sentence - 1);
        }
        for (const batch of batches) {
          const { length, sentences } = batch.shape;
          batch.lossMask.forEach((counts, at) => {
            if (counts === 0) return;
            const row = Math.floor(at / length);
            const p = batch.planOfToken[at]!;
            const sentence = plans[batch.document[row]!]![batch.start[row]! + (at % length)]!;
            expect(p).toBeGreaterThanOrEqual(Math.min(sentence, options.reach));
            for (let back = 0; back <= Math.min(options.reach, sentence - 1); back++)
              expect(batch.vectors[row * sentences + p - back]).toBe(10 * batch.document[row]! + sentence - 1 - back);
          });
        }
      }),
    );
  });

  it("has a batch for every number: a permutation each epoch, another one the next, the same for the same seed", () => {
    const corpus = corpusOf(Array.from({ length: 7 }, () => [2, 1]));
    const chunks = planChunks(corpus, { length: 4, batchSize: 2, seed: 1 });
    const order = Array.from({ length: 14 }, (_, i) => [...chunks.batch(i).document]).flat();
    const epochs = [0, 7, 14, 21].map((from) => order.slice(from, from + 7));
    for (const epoch of epochs) expect([...epoch].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(epochs[0]).not.toEqual(epochs[1]);
    const again = planChunks(corpus, { length: 4, batchSize: 2, seed: 1 });
    expect(again.batch(9)).toEqual(chunks.batch(9));
    expect(planChunks(corpus, { length: 4, batchSize: 2, seed: 2 }).batch(0)).not.toEqual(chunks.batch(0));
  });

  it("pads the last batch of an unshuffled pass with empty rows", () => {
    const [, last] = batchesOf(corpusOf([[2, 1], [3], [1, 1]]), { length: 9, batchSize: 2 });
    expect([...last!.document]).toEqual([2, -1]);
    expect(last!.lossMask.subarray(9).every((m) => m === 0) && last!.actionMask.subarray(2).every((m) => m === 0)).toBe(
      true,
    );
  });

  it("throws ValueError for sizes outside their range", () => {
    const corpus = corpusOf([[2]]);
    expect(() => planChunks(corpus, { length: 0, batchSize: 1 })).toThrow(ValueError);
    expect(() => planChunks(corpus, { length: 4, batchSize: 0 })).toThrow(ValueError);
    expect(() => planChunks(corpus, { length: 4, batchSize: 1, reach: -1 })).toThrow(ValueError);
    expect(() => planChunks(corpus, { length: 4, batchSize: 1, stride: 5 })).toThrow(
      "planChunks: stride must be an integer in [1, 4], got 5",
    );
  });
});
