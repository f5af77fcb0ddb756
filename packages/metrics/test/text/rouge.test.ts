import { bestRouge, type RougeScore, type RougeType, rouge, rougeTokens } from "@x/metrics/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/text.json" with { type: "json" };

const types = fixtures.rougeTypes as RougeType[];
const stems: Record<string, string> = fixtures.stems;
const triple = ({ precision, recall, f1 }: RougeScore) => [precision, recall, f1];
const words = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });

describe("rouge", () => {
  types.forEach((type, t) => {
    it(`equals rouge_score on ${fixtures.rouge.length} pairs (${type})`, () => {
      for (const { reference, candidate, plain } of fixtures.rouge)
        expectClose(triple(rouge(reference, candidate, type)), plain[t]!, { atol: 1e-12 });
    });

    it(`equals rouge_score with NLTK's stems (${type})`, () => {
      const tokenizer = (text: string) => rougeTokens(text, (word) => stems[word]!);
      for (const { reference, candidate, stemmed } of fixtures.rouge)
        expectClose(triple(rouge(reference, candidate, type, { tokenizer })), stemmed[t]!, { atol: 1e-12 });
    });
  });

  it("swaps precision and recall when the texts are swapped", () => {
    fc.assert(
      fc.property(words, words, fc.constantFrom<RougeType>("rouge1", "rouge2", "rougeL"), (a, b, type) => {
        const [ab, ba] = [rouge(a, b, type), rouge(b, a, type)];
        expect([ab.precision, ab.recall, ab.f1]).toEqual([ba.recall, ba.precision, ba.f1]);
      }),
    );
  });

  it("is 1 for a text and itself, and rougeLsum is rougeL for single sentences", () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        fc.pre(a.length > 2);
        for (const type of types) expect(rouge(a, a, type).f1).toBe(1);
        expect(rouge(a, b, "rougeLsum")).toEqual(rouge(a, b, "rougeL"));
      }),
    );
  });

  it("takes ids as it takes words, and any number of tokens in a row", () => {
    const ids = { a: 3, b: 1, c: 4, d: 15 } as Record<string, number>;
    fc.assert(
      fc.property(words, words, fc.integer({ min: 1, max: 12 }), (a, b, n) => {
        const numbers = (text: string[]) => Int32Array.from(text, (word) => ids[word]!);
        for (const type of [`rouge${n}`, "rougeL"] as RougeType[])
          expect(rouge(numbers(a), numbers(b), type)).toEqual(rouge(a, b, type));
      }),
    );
    expect(rouge([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0], "rouge10").recall).toBe(0.5);
  });

  it("sees other writing through a tokenizer of one's own", () => {
    expect(rouge("東京 に 行く", "東京 へ 行く", "rouge1").f1).toBe(0);
    expectClose(rouge("東京 に 行く", "東京 へ 行く", "rouge1", { tokenizer: (t) => t.split(" ") }).f1, 2 / 3, {
      rtol: 1e-15,
    });
  });

  it("names the argument, index and value that it refuses", () => {
    for (const type of ["rouge0", "rougeX", "rouge1.5", "bleu"] as RougeType[])
      expectValueError(() => rouge("a", "b", type), { argument: "type", value: type, message: /^rouge: type must be/ });
    expectValueError(() => rouge([1, Number.NaN], [1], "rouge1"), { argument: "reference", index: 1 });
    expectValueError(() => rouge([1], [Infinity], "rougeLsum"), { argument: "candidate", index: 0, value: Infinity });
  });
});

describe("bestRouge", () => {
  types.forEach((type, t) => {
    it(`equals rouge_score's score_multi (${type})`, () => {
      for (const { references, candidate, best } of fixtures.multi)
        expectClose(triple(bestRouge(references, candidate, type)), best[t]!, { atol: 1e-12 });
    });
  });

  it("takes the first of references with the same f1", () => {
    const found = bestRouge(
      [
        ["a", "x", "y"],
        ["a", "z", "z"],
      ],
      ["a"],
      "rouge1",
    );
    expect(found).toEqual(rouge(["a", "x", "y"], ["a"], "rouge1"));
    expect(bestRouge([["a", "b", "c", "d"], ["a"]], ["a", "e", "f", "g"], "rouge1").recall).toBe(1);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => bestRouge([], "a", "rouge1"), { argument: "references", value: 0 });
    expectValueError(() => bestRouge(["a", [Number.NaN]], "a", "rouge1"), { argument: "references[1]", index: 0 });
    expectValueError(() => bestRouge(["a"], "a", "rouge" as RougeType), { argument: "type", message: /^bestRouge: / });
  });
});
