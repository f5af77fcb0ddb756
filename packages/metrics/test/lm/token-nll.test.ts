import { StateError } from "@x/core";
import { perplexity, sumNll, TokenNll } from "@x/metrics/lm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const batches = fc.array(fc.array(fc.double({ min: -30, max: 0, noNaN: true }), { maxLength: 12 }), {
  minLength: 1,
  maxLength: 8,
});

describe("TokenNll", () => {
  it("gives the figures of all tokens together, in batches, one by one, and merged in any order", () => {
    fc.assert(
      fc.property(batches, (parts) => {
        const all = parts.flat();
        fc.pre(all.length > 0);
        const expected = sumNll(all);
        const inBatches = new TokenNll();
        for (const part of parts) inBatches.addMany(part);
        const oneByOne = new TokenNll();
        for (const logprob of all) oneByOne.add(logprob);
        const merged = parts.map((part) => new TokenNll().addMany(part)).reduceRight((a, b) => a.merge(b));
        for (const found of [inBatches, oneByOne, merged]) {
          expect(found.count).toBe(all.length);
          expectClose(found.sum, expected.sum, { rtol: 1e-14, atol: 1e-14 });
          expectClose(found.value().perplexity, perplexity(expected), { rtol: 1e-12 });
        }
      }),
    );
  });

  it("weighs by tokens, not by batches", () => {
    const nll = new TokenNll().addMany(new Array(9).fill(-1)).addMany([-11]);
    expect(nll.value()).toMatchObject({ sum: 20, count: 10, nll: 2 });
    expectClose(nll.value().bitsPerToken, 2 / Math.LN2, { rtol: 1e-15 });
    expect(new TokenNll().addMany([-1, -5], { mask: [1, 0] }).value().nll).toBe(1);
    expect(new TokenNll().addMany([-1, -5], { weights: [3, 1] }).value().nll).toBe(2);
  });

  it("loses nothing of small sums beside a large one", () => {
    const nll = new TokenNll().merge({ sum: 2 ** 53, count: 1 });
    for (let i = 0; i < 1000; i++) nll.merge({ sum: 0.5, count: 1 });
    expect(nll.sum - 2 ** 53).toBe(500);
  });

  it("continues from its JSON, bit by bit", () => {
    const before = new TokenNll().addMany([-0.1, -0.2, -1e9, -0.3]);
    const after = TokenNll.fromJSON(JSON.parse(JSON.stringify(before)));
    expect(after.toJSON()).toEqual(before.toJSON());
    for (const nll of [before, after]) nll.addMany([-0.7, -1e-9]);
    expect(after.value()).toEqual(before.value());
  });

  it("refuses bad tokens, the figures of nothing, and foreign state", () => {
    expectValueError(() => new TokenNll().add(0.5), { argument: "logprob", value: 0.5, message: "TokenNll.add" });
    expectValueError(() => new TokenNll().addMany([-1, Number.NaN]), { argument: "logprobs", index: 1 });
    expectValueError(() => new TokenNll().merge({ sum: 1, count: Number.NaN }), { argument: "count" });
    expectValueError(() => new TokenNll().value(), { argument: "count", value: 0 });
    const state = new TokenNll().add(-1).toJSON();
    for (const bad of [null, {}, { ...state, version: 2 }, { ...state, sum: "1" }, { ...state, count: -1 }])
      expect(() => TokenNll.fromJSON(bad)).toThrow(StateError);
  });
});
