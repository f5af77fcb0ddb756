import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { processLogits, type SamplingOptions, sampleToken } from "../src/sampling.js";

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

describe("sampleToken", () => {
  const logits = Array.from({ length: 12 }, (_, i) => Math.sin(7 * i) * 2);
  const grid: SamplingOptions[] = [0.5, 1, 1.7].flatMap((temperature) =>
    [{}, { topK: 5 }, { topP: 0.8 }, { minP: 0.1 }, { topK: 8, topP: 0.9, minP: 0.05 }].map((rest) => ({
      temperature,
      ...rest,
    })),
  );

  // χ² of 20 000 draws; each row's false-alarm rate is 10⁻⁴ by the Wilson–Hilferty quantile.
  it.each(grid)("draws from the processed distribution, %o", (options) => {
    const rng = createRng("chi-square");
    const counts = logits.map(() => 0);
    for (let i = 0; i < 20_000; i++) counts[sampleToken(logits, options, rng).token]!++;
    const p = probs(logits, options);
    expect(counts.filter((count, i) => p[i] === 0 && count > 0)).toEqual([]);
    const chiSquare = sum(p.map((pi, i) => (pi === 0 ? 0 : (counts[i]! - 20_000 * pi) ** 2 / (20_000 * pi))));
    const df = p.filter((pi) => pi > 0).length - 1;
    const spread = 2 / (9 * df);
    expect(chiSquare).toBeLessThan(df === 0 ? 1e-9 : df * (1 - spread + 3.72 * Math.sqrt(spread)) ** 3);
  });

  it("reports the processed log-probability and the one with temperature alone", () => {
    const options = { temperature: 0.7, topK: 3 };
    const { token, logprob, rawLogprob } = sampleToken(logits, options, createRng(1));
    expect(logprob).toBeCloseTo(Math.log(probs(logits, options)[token]!), 12);
    expect(rawLogprob).toBeCloseTo(Math.log(softmax(logits, 0.7)[token]!), 12);
    expect(rawLogprob).toBeLessThan(logprob);
  });

  it("reports at temperature 0 a certain choice and its log-probability at temperature 1", () => {
    const { token, logprob, rawLogprob } = sampleToken([1, 3, 2], { temperature: 0 }, createRng(1));
    expect([token, logprob]).toEqual([1, 0]);
    expect(rawLogprob).toBeCloseTo(Math.log(softmax([1, 3, 2], 1)[1]!), 12);
  });
});
