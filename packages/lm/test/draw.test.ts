import * as tf from "@tensorflow/tfjs-core";
import { jit } from "@x/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawTokens } from "../src/draw.js";
import { processLogits, type SamplingOptions } from "../src/sampling.js";

/** As a program that draws takes them. */
const inputs = ({ temperature = 1, topK, topP, minP }: SamplingOptions) => ({
  ...(temperature === 0 ? {} : { temperature: tf.scalar(temperature) }),
  ...(topK === undefined ? {} : { topK }),
  ...(topP === undefined ? {} : { topP: tf.scalar(topP) }),
  ...(minP === undefined ? {} : { minP: tf.scalar(minP) }),
});
const draw = jit(drawTokens);

/** One token for each row of logits, the noise of row i from the key i. */
const drawn = (rows: readonly (readonly number[])[], options: SamplingOptions, firstKey = 0) => {
  const results = tf.tidy(() =>
    draw(
      tf.tensor2d(rows.map((row) => [...row])),
      tf.tensor1d(Int32Array.from(rows, (_, i) => firstKey + i)),
      inputs(options),
    ),
  );
  const [tokens, logprobs, rawLogprobs] = [results.tokens, results.logprobs, results.rawLogprobs].map((tensor) =>
    Array.from(tensor.dataSync()),
  ) as [number[], number[], number[]];
  tf.dispose(results);
  return { tokens, logprobs, rawLogprobs };
};

const logits = Array.from({ length: 12 }, (_, i) => Math.sin(7 * i) * 2);
const probs = (row: readonly number[], options: SamplingOptions) => {
  const dense = row.map(() => 0);
  const { tokens, logprobs } = processLogits(row, options);
  tokens.forEach((token, i) => {
    dense[token] = Math.exp(logprobs[i]!);
  });
  return dense;
};

describe("drawTokens", () => {
  const grid: SamplingOptions[] = [0.5, 1, 1.7].flatMap((temperature) =>
    [{}, { topK: 5 }, { topP: 0.8 }, { minP: 0.1 }, { topK: 8, topP: 0.9, minP: 0.05 }].map((rest) => ({
      temperature,
      ...rest,
    })),
  );

  // χ² of 20 000 draws; each row's false-alarm rate is 10⁻⁴ by the Wilson–Hilferty quantile.
  it.each(grid)("draws from the processed distribution and reports its log-probabilities, %o", (options) => {
    const { tokens, logprobs, rawLogprobs } = drawn(Array(20_000).fill(logits), options);
    const counts = logits.map(() => 0);
    for (const token of tokens) counts[token]!++;
    const p = probs(logits, options);
    expect(counts.filter((count, i) => p[i] === 0 && count > 0)).toEqual([]);
    const chiSquare = p.reduce(
      (sum, pi, i) => sum + (pi === 0 ? 0 : (counts[i]! - 20_000 * pi) ** 2 / (20_000 * pi)),
      0,
    );
    const df = p.filter((pi) => pi > 0).length - 1;
    const spread = 2 / (9 * df);
    expect(chiSquare).toBeLessThan(df === 0 ? 1e-9 : df * (1 - spread + 3.72 * Math.sqrt(spread)) ** 3);

    const raw = probs(logits, { temperature: options.temperature! });
    for (const i of [0, 1, 2, 3, 19_999]) {
      expect(logprobs[i]).toBeCloseTo(Math.log(p[tokens[i]!]!), 5);
      expect(rawLogprobs[i]).toBeCloseTo(Math.log(raw[tokens[i]!]!), 5);
    }
  });

  it("keeps what the definition keeps, of equals the lowest, whatever the logits and options are", () => {
    const row = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 6, maxLength: 6 });
    const options = fc.record(
      {
        topK: fc.integer({ min: 1, max: 8 }),
        topP: fc.constantFrom(0.13, 0.57, 0.91),
        minP: fc.constantFrom(0.01, 0.3),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(row, options, (logits, options) => {
        const p = probs(logits, options);
        const { tokens } = drawn(Array(60).fill(logits), options);
        const likely = p.flatMap((pi, token) => (pi > 0.25 ? [token] : []));
        expect(tokens.every((token) => p[token]! > 0)).toBe(true);
        expect(likely.every((token) => tokens.includes(token))).toBe(true); // missed with probability 3e-8
      }),
      { numRuns: 40 },
    );
  });

  it("takes the lowest of the most likely tokens at temperature 0, with its log-probability at temperature 1", () => {
    const { tokens, logprobs, rawLogprobs } = drawn(
      [
        [1, 3, 2, 3],
        [0, -1, -1, -5],
      ],
      { temperature: 0 },
    );
    expect(tokens).toEqual([1, 0]);
    expect(logprobs.map(Math.abs)).toEqual([0, 0]);
    expect(rawLogprobs[0]).toBeCloseTo(3 - Math.log(Math.E + Math.E ** 2 + 2 * Math.E ** 3), 5);
  });

  it("draws for a row what its key says, in any batch and for logits that are shifted", () => {
    const rows = Array.from({ length: 9 }, (_, i) => logits.map((z) => z + 10 * i));
    const all = drawn(rows, {}).tokens;
    expect(all).toEqual(rows.map((row, i) => drawn([row], {}, i).tokens[0]));
    expect(new Set(all).size).toBeGreaterThan(2);
  });

  it("never draws a forbidden token, and gives NaN for logits that are no distribution", () => {
    const forbidden = logits.map((z, i) => (i % 2 === 0 ? Number.NEGATIVE_INFINITY : z));
    for (const options of [{}, { topK: 8 }, { topP: 0.99 }, { temperature: 0 }]) {
      const { tokens, rawLogprobs } = drawn(Array(200).fill(forbidden), options);
      expect(tokens.every((token) => token % 2 === 1)).toBe(true);
      expect(rawLogprobs.every((x) => x <= 0)).toBe(true);
      for (const bad of [[0, Number.NaN], [0, Number.POSITIVE_INFINITY], Array(2).fill(Number.NEGATIVE_INFINITY)])
        expect(drawn([bad], options).rawLogprobs).toEqual([Number.NaN]);
    }
  });
});
