import { distinctN, repetitionRate } from "@x/metrics/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const texts = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 12 }), {
  minLength: 1,
  maxLength: 5,
});
const order = fc.integer({ min: 1, max: 4 });

/** All n-grams, as texts. */
const ngrams = (tokens: readonly number[], n: number) =>
  tokens.slice(n - 1).map((_, i) => tokens.slice(i, i + n).join(" "));

describe("distinctN", () => {
  it("is the number of different n-grams over that of all", () => {
    fc.assert(
      fc.property(texts, order, (sequences, n) => {
        const all = sequences.flatMap((tokens) => ngrams(tokens, n));
        expectClose(distinctN(sequences, n), new Set(all).size / all.length, { rtol: 1e-15 });
      }),
    );
  });

  it("joins no n-gram across sequences and passes over those that are too short", () => {
    expect(distinctN([["a", "b"], ["b", "a"], ["c"]], 2)).toBe(1);
    expect(
      distinctN(
        [
          ["a", "b"],
          ["a", "b"],
        ],
        2,
      ),
    ).toBe(0.5);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => distinctN([], 1), { argument: "sequences", value: 0 });
    expectValueError(() => distinctN([[1], [1, 2]], 3), { argument: "sequences", value: 2, message: /^distinctN: / });
    expectValueError(() => distinctN([[1], [Number.NaN]], 1), { argument: "sequences[1]", index: 0 });
    expectValueError(() => distinctN([[1]], 0), { argument: "n", value: 0 });
  });
});

describe("repetitionRate", () => {
  it("is the mean over sequences of the share of n-grams that came before", () => {
    fc.assert(
      fc.property(texts, order, (sequences, n) => {
        const rates = sequences.map((tokens) => {
          const all = ngrams(tokens, n);
          return all.filter((ngram, i) => all.indexOf(ngram) < i).length / all.length;
        });
        expectClose(repetitionRate(sequences, n), rates.reduce((a, b) => a + b, 0) / rates.length, { atol: 1e-15 });
      }),
    );
  });

  it("tells a loop from two texts that are alike", () => {
    expect(repetitionRate([[1, 2, 1, 2, 1, 2, 1, 2]], 2)).toBe(1 - 2 / 7);
    expect(
      repetitionRate(
        [
          ["a", "b", "c"],
          ["a", "b", "c"],
        ],
        2,
      ),
    ).toBe(0);
  });

  it("leaves out sequences in which nothing can repeat", () => {
    expect(repetitionRate([[1, 1, 1, 1], [1]], 2)).toBe(1 - 1 / 3);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => repetitionRate([], 4), { argument: "sequences", value: 0 });
    expectValueError(() => repetitionRate([[1, 2, 3]], 4), {
      argument: "sequences",
      value: 3,
      message: /^repetitionRate: /,
    });
    expectValueError(() => repetitionRate([[1, Infinity]], 1), { argument: "sequences[0]", index: 1, value: Infinity });
    expectValueError(() => repetitionRate([[1]], 1.5), { argument: "n", value: 1.5 });
  });
});
