import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { processLogits, type SamplingOptions } from "../src/sampling.js";

const softmax = (logits: readonly number[], temperature: number) => {
  const weights = logits.map((z) => Math.exp(z / temperature));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((w) => w / total);
};
const probs = (logits: readonly number[], options: SamplingOptions) => {
  const dense = logits.map(() => 0);
  const { tokens, logprobs } = processLogits(logits, options);
  tokens.forEach((token, i) => {
    dense[token] = Math.exp(logprobs[i]!);
  });
  return dense;
};
const kept = (logits: readonly number[], options: SamplingOptions) => [...processLogits(logits, options).tokens];
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** By the definition, over all subsets: fewest tokens with mass ≥ p, of these the most mass, of these the lowest ids. */
function bruteTopP(p: readonly number[], topP: number): number[] {
  const sets = Array.from({ length: 2 ** p.length }, (_, bits) => [...p.keys()].filter((i) => (bits >> i) & 1))
    .map((tokens) => ({ tokens, mass: sum(tokens.map((i) => p[i]!).sort((a, b) => b - a)) }))
    .filter(({ mass }) => mass >= topP);
  const fewest = Math.min(...sets.map(({ tokens }) => tokens.length));
  const few = sets.filter(({ tokens }) => tokens.length === fewest);
  const most = Math.max(...few.map(({ mass }) => mass));
  const ties = few.filter(({ mass }) => mass > most - 1e-12).map(({ tokens }) => tokens);
  return ties.sort((a, b) => a[a.findIndex((x, i) => x !== b[i])]! - b[a.findIndex((x, i) => x !== b[i])]!)[0]!;
}

describe("processLogits", () => {
  const logits = [0.5, -1, 2, 0.1, 2, -3];

  it("is the softmax of logits over temperature when nothing truncates", () => {
    for (const temperature of [0.3, 1, 2.5]) {
      const expected = softmax(logits, temperature);
      probs(logits, { temperature }).forEach((p, i) => {
        expect(p).toBeCloseTo(expected[i]!, 14);
      });
    }
  });

  it("takes the lowest of the most likely tokens at temperature 0", () => {
    expect(probs(logits, { temperature: 0 })).toEqual([0, 0, 1, 0, 0, 0]);
  });

  it("keeps exactly k tokens, of equals the lowest, and renormalises", () => {
    expect(kept(logits, { topK: 1 })).toEqual([2]);
    expect(kept(logits, { topK: 3 })).toEqual([0, 2, 4]);
    expect(kept([1, 1, 1, 1], { topK: 2 })).toEqual([0, 1]);
    expect(kept(logits, { topK: 9 })).toHaveLength(6);
    expect(sum(probs(logits, { topK: 3 }))).toBeCloseTo(1, 14);
  });

  it("includes the token that crosses top-p, and none after it", () => {
    const quarters = [Math.log(0.25), Math.log(0.5), Math.log(0.25)];
    expect(kept(quarters, { topP: 0.4 })).toEqual([1]);
    expect(kept(quarters, { topP: 0.51 })).toEqual([0, 1]);
    expect(kept(quarters, { topP: 0.76 })).toEqual([0, 1, 2]);
  });

  it("keeps the top-p set of the definition, ties included", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(weights, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (w, topP) => {
        const p = w.map((x) => x / sum(w));
        fc.pre(w.every((_, n) => Math.abs(sum([...p].sort((a, b) => b - a).slice(0, n + 1)) - topP) > 1e-9));
        expect(kept(w.map(Math.log), { topP })).toEqual(bruteTopP(p, topP));
      }),
      { seed: 17, numRuns: 500 },
    );
  });

  it("keeps tokens at least min-p times as likely as the most likely one", () => {
    const logits = [0, Math.log(0.5), Math.log(0.1), Math.log(0.0999)];
    expect(kept(logits, { minP: 0.1 })).toEqual([0, 1, 2]);
    expect(kept(logits, { minP: 1 })).toEqual([0]);
  });

  it("applies top-p to what top-k left, and the temperature before both", () => {
    const logits = [4, 3, 2, 2].map(Math.log);
    expect(kept(logits, { topP: 0.6 })).toEqual([0, 1]);
    expect(kept(logits, { topK: 2, topP: 0.55 })).toEqual([0]); // 4/7 ≥ 0.55
    expect(kept(logits, { temperature: 0.5, topP: 0.6 })).toEqual([0, 1]); // 16/33 < 0.6
    expect(kept(logits, { temperature: 0.25, topP: 0.6 })).toEqual([0]); // 256/369 ≥ 0.6
  });

  it("does not change when all logits shift, and forbids tokens at −∞", () => {
    const shifted = processLogits(
      logits.map((z) => z + 1000),
      { topP: 0.9 },
    );
    expect([...shifted.tokens]).toEqual(kept(logits, { topP: 0.9 }));
    expect(probs([0, Number.NEGATIVE_INFINITY, 0], {})).toEqual([0.5, 0, 0.5]);
  });

  it("throws ValueError for options outside their domain", () => {
    for (const options of [{ temperature: -1 }, { topK: 0 }, { topK: 1.5 }, { topP: 0 }, { topP: 1.2 }, { minP: 2 }])
      expect(() => processLogits([0], options)).toThrow(new RegExp(`${Object.keys(options)[0]} must be`));
  });

  it("throws ValueError for logits that are not numbers or allow nothing", () => {
    expect(() => processLogits([0, Number.NaN])).toThrow(/got NaN for token 1/);
    expect(() => processLogits([Number.NEGATIVE_INFINITY])).toThrow(/at least one token/);
  });
});
