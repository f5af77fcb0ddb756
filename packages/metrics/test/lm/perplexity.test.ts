import {
  bitsPerToken,
  meanDocumentPerplexity,
  meanNll,
  mergeNll,
  type NllSum,
  perplexity,
  sumNll,
} from "@x/metrics/lm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const ln = Math.log;
const logprobs = fc.array(fc.double({ min: -20, max: 0, noNaN: true }), { minLength: 1, maxLength: 40 });

describe("sumNll", () => {
  it("sums by hand", () => {
    const { sum, count } = sumNll([ln(1 / 2), ln(1 / 4), ln(1 / 8)]);
    expectClose(sum, 6 * Math.LN2, { rtol: 1e-15 });
    expect(count).toBe(3);
  });

  it("leaves masked tokens out, whatever stands there, and weighs the others", () => {
    const found = sumNll([Number.NaN, -2, Number.NEGATIVE_INFINITY, -3], {
      mask: [0, 1, 0, 1],
      weights: [9, 2, -1, 0.5],
    });
    expect(found).toEqual({ sum: 5.5, count: 2.5 });
    expect(sumNll([-1, -2], { mask: [0, 0] })).toEqual({ sum: 0, count: 0 });
  });

  it("equals the sum over the tokens that the mask keeps", () => {
    fc.assert(
      fc.property(logprobs, fc.infiniteStream(fc.boolean()), (values, stream) => {
        const mask = values.map(() => (stream.next().value ? 1 : 0));
        const found = sumNll(Float64Array.from(values), { mask });
        const kept = sumNll(values.filter((_, i) => mask[i] === 1));
        expectClose([found.sum, found.count], [kept.sum, kept.count], { rtol: 1e-14 });
      }),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => sumNll([-1, Number.NaN]), { argument: "logprobs", index: 1, value: Number.NaN });
    expectValueError(() => sumNll([-1, 2.3]), { argument: "logprobs", index: 1, value: 2.3 });
    expectValueError(() => sumNll([Number.NEGATIVE_INFINITY]), { argument: "logprobs", index: 0 });
    expectValueError(() => sumNll([-1], { mask: [1, 1] }), { argument: "mask", value: 2 });
    expectValueError(() => sumNll([-1], { mask: [0.5] }), { argument: "mask", index: 0, value: 0.5 });
    expectValueError(() => sumNll([-1, -1], { weights: [1] }), { argument: "weights", value: 1 });
    expectValueError(() => sumNll([-1], { weights: [-1] }), { argument: "weights", index: 0, value: -1 });
  });
});

describe("perplexity", () => {
  it("is the number of equally likely tokens", () => {
    for (const vocabulary of [2, 10, 50_257]) {
      const nll = sumNll(new Float64Array(7).fill(-ln(vocabulary)));
      expectClose(perplexity(nll), vocabulary, { rtol: 1e-12 });
      expectClose(meanNll(nll), ln(vocabulary), { rtol: 1e-12 });
      expectClose(bitsPerToken(nll), Math.log2(vocabulary), { rtol: 1e-12 });
    }
  });

  it("is the geometric mean of inverse probabilities", () => {
    expectClose(perplexity(sumNll([ln(0.5), ln(0.1), ln(0.2)])), (2 * 10 * 5) ** (1 / 3), { rtol: 1e-14 });
  });

  it("refuses to divide by no token", () => {
    for (const figure of [perplexity, meanNll, bitsPerToken])
      expectValueError(() => figure({ sum: 0, count: 0 }), { argument: "count", value: 0 });
    expectValueError(() => perplexity({ sum: Number.NaN, count: 1 }), { argument: "sum", value: Number.NaN });
  });
});

describe("mergeNll", () => {
  it("gives the perplexity of the concatenation, for any split", () => {
    fc.assert(
      fc.property(logprobs, logprobs, logprobs, (a, b, c) => {
        const merged = mergeNll([a, b, c].map((part) => sumNll(part)));
        expectClose(perplexity(merged), perplexity(sumNll([...a, ...b, ...c])), { rtol: 1e-12 });
      }),
    );
  });

  it("is nothing for no parts", () => {
    expect(mergeNll([])).toEqual({ sum: 0, count: 0 });
  });

  it("refuses a part that is not finite", () => {
    expectValueError(() => mergeNll([{ sum: Number.POSITIVE_INFINITY, count: 1 }]), { argument: "sum" });
    expectValueError(() => mergeNll([{ sum: 1, count: -1 }]), { argument: "count", value: -1 });
  });
});

describe("meanDocumentPerplexity", () => {
  // Two documents: one token of probability 1/100, and 99 tokens of probability 1/2.
  const documents: NllSum[] = [sumNll([ln(0.01)]), sumNll(new Array(99).fill(ln(0.5)))];

  it("is another quantity than the perplexity of the corpus", () => {
    expectClose(meanDocumentPerplexity(documents), (100 + 2) / 2, { rtol: 1e-12 });
    expectClose(perplexity(mergeNll(documents)), (100 * 2 ** 99) ** (1 / 100), { rtol: 1e-12 }); // 2.08
  });

  it("is never below the corpus for documents of equal length", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 9 }), (sums) => {
        const equal = sums.map((sum) => ({ sum, count: 30 }));
        expect(meanDocumentPerplexity(equal)).toBeGreaterThanOrEqual(perplexity(mergeNll(equal)) * (1 - 1e-12));
      }),
    );
  });

  it("refuses an empty list and an empty document", () => {
    expectValueError(() => meanDocumentPerplexity([]), { argument: "documents", value: 0 });
    expectValueError(() => meanDocumentPerplexity([{ sum: 0, count: 0 }]), { argument: "count", value: 0 });
  });
});
