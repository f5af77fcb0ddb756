import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batchSequences, type PackOptions, packDocuments, shuffledBatches } from "../src/pack.js";

const rows = (documents: Int32Array[], options: PackOptions) =>
  [...packDocuments(documents, options)].map(({ tokens, lossMask }) => [[...tokens], [...lossMask]]);

/** Documents whose tokens are all different, so that a token names its place. */
const documents = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 5 }).map((lengths) => {
  let next = 1;
  return lengths.map((length) => Int32Array.from({ length }, () => next++));
});

describe("packDocuments", () => {
  const two = [Int32Array.of(1, 2, 3, 4, 5), Int32Array.of(6, 7)];

  it("cuts each document by itself in pad mode", () => {
    expect(rows(two, { length: 3, mode: "pad" })).toEqual([
      [
        [1, 2, 3],
        [0, 1, 1],
      ],
      [
        [3, 4, 5],
        [0, 1, 1],
      ],
      [
        [6, 7, 0],
        [0, 1, 0],
      ],
    ]);
  });

  it("runs documents together in pack mode, with eos between them and as padding", () => {
    expect(rows(two, { length: 4, mode: "pack", eos: 9 })).toEqual([
      [
        [1, 2, 3, 4],
        [0, 1, 1, 1],
      ],
      [
        [4, 5, 9, 6],
        [0, 1, 1, 1],
      ],
      [
        [6, 7, 9, 9],
        [0, 1, 1, 0],
      ],
    ]);
  });

  it("keeps more context with a smaller stride, without scoring a token again", () => {
    expect(rows([Int32Array.of(1, 2, 3, 4, 5, 6)], { length: 4, mode: "pad", stride: 1 })).toEqual([
      [
        [1, 2, 3, 4],
        [0, 1, 1, 1],
      ],
      [
        [2, 3, 4, 5],
        [0, 0, 0, 1],
      ],
      [
        [3, 4, 5, 6],
        [0, 0, 0, 1],
      ],
    ]);
  });

  it("makes every token but the first a label exactly once", () => {
    const options = fc.record({ length: fc.integer({ min: 2, max: 9 }), mode: fc.constantFrom("pad", "pack") });
    fc.assert(
      fc.property(documents, options, fc.double({ min: 0, max: 1, noNaN: true }), (docs, { length, mode }, f) => {
        const expected =
          mode === "pad" ? docs.flatMap((d) => [...d.subarray(1)]) : docs.flatMap((d) => [...d]).slice(1);
        fc.pre(expected.length > 0);
        const stride = 1 + Math.floor(f * (length - 2));
        const labels = [...packDocuments(docs, { length, mode, stride })].flatMap(({ tokens, lossMask }) =>
          [...tokens].filter((_, t) => lossMask[t] === 1),
        );
        expect(labels).toEqual(expected);
      }),
      { seed: 4 },
    );
  });

  it("keeps the loss mask of a document, and learns its eos", () => {
    const document = { tokens: Int32Array.of(1, 2, 3), lossMask: [1, 0, 0.5] };
    expect([...packDocuments([document], { length: 5, mode: "pad", eos: 9 })]).toEqual([
      { tokens: Int32Array.of(1, 2, 3, 9, 9), lossMask: Float32Array.of(0, 0, 0.5, 1, 0) },
    ]);
  });

  it("throws ValueError for a corpus without a label", () => {
    expect(() => rows([], { length: 4, mode: "pack" })).toThrow(/must hold a token to predict, got 0/);
    expect(() => rows([Int32Array.of(1), Int32Array.of(2)], { length: 4, mode: "pad" })).toThrow(/got 2 without one/);
  });

  it("throws for bad lengths, strides and masks", () => {
    expect(() => rows(two, { length: 1, mode: "pad" })).toThrow(/length must be an integer ≥ 2/);
    expect(() => rows(two, { length: 4, mode: "pad", stride: 4 })).toThrow(/stride must be in \[1, 3\], got 4/);
    const short = { tokens: Int32Array.of(1, 2), lossMask: [1] };
    expect(() => [...packDocuments([short], { length: 4, mode: "pad" })]).toThrow(/document 0 must have 2 entries/);
  });
});

const sequences = Array.from({ length: 5 }, (_, i) => ({
  tokens: Int32Array.of(i, i),
  lossMask: Float32Array.of(0, 1),
}));

describe("batchSequences", () => {
  it("keeps the order and fills the last batch with rows of weight 0", () => {
    const batches = [...batchSequences(sequences, 3)];
    expect(batches.map((b) => b.shape)).toEqual([
      [3, 2],
      [3, 2],
    ]);
    expect([...batches[1]!.tokens]).toEqual([3, 3, 4, 4, 0, 0]);
    expect([...batches[1]!.lossMask]).toEqual([0, 1, 0, 1, 0, 0]);
  });

  it("throws for rows of different lengths and for no rows a batch", () => {
    const odd = { tokens: new Int32Array(3), lossMask: new Float32Array(3) };
    expect(() => [...batchSequences([sequences[0]!, odd], 2)]).toThrow(/one length, got 3 tokens after 2/);
    expect(() => [...batchSequences(sequences, 0)]).toThrow(/batchSize must be a positive integer/);
  });
});

describe("shuffledBatches", () => {
  const take = (n: number, seed: number) => {
    const order: number[] = [];
    for (const { tokens } of shuffledBatches(sequences, { batchSize: 2, seed })) {
      order.push(tokens[0]!, tokens[2]!);
      if (order.length >= n) return order.slice(0, n);
    }
    return order;
  };

  it("shows every sequence once a pass, in another order every pass", () => {
    const order = take(20, 1);
    const passes = [0, 5, 10, 15].map((start) => order.slice(start, start + 5));
    for (const pass of passes) expect([...pass].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(passes.map(String)).size).toBeGreaterThan(1);
  });

  it("repeats itself for the same seed only", () => {
    expect(take(20, 1)).toEqual(take(20, 1));
    expect(take(20, 1)).not.toEqual(take(20, 2));
  });

  it("throws ValueError for no sequences", () => {
    expect(() => shuffledBatches([], { batchSize: 2, seed: 1 })).toThrow(/at least one sequence/);
  });
});
