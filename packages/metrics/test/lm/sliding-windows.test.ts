import { createRng } from "@x/core";
import { type ScoringWindow, slidingWindows } from "@x/metrics/lm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const problem = fc
  .record({
    length: fc.integer({ min: 0, max: 60 }),
    contextLength: fc.integer({ min: 1, max: 20 }),
    bos: fc.boolean(),
  })
  .chain((fields) => fc.integer({ min: 1, max: fields.contextLength }).map((stride) => ({ ...fields, stride })));

const BOS = -1;

/** The tokens that the model reads in a window: those of the window moved one to the left, where BOS stands before all. */
function inputOf(tokens: readonly number[], { begin, end }: ScoringWindow, bos: boolean): number[] {
  const moved = tokens.slice(Math.max(0, begin - 1), end - 1);
  return begin === 0 && bos ? [BOS, ...moved] : moved;
}

/** Scores a sequence with a model that gives a token's log-probability from its context. */
function score(
  tokens: readonly number[],
  windows: readonly ScoringWindow[],
  bos: boolean,
  logprob: (token: number, context: readonly number[]) => number,
): number {
  let nats = 0;
  for (const window of windows) {
    const input = inputOf(tokens, window, bos);
    for (let t = window.scoreBegin; t < window.scoreEnd; t++)
      nats -= logprob(tokens[t]!, input.slice(0, input.length - (window.end - 1 - t)));
  }
  return nats;
}

describe("slidingWindows", () => {
  it("scores every token exactly once, in order, and token 0 only with BOS", () => {
    fc.assert(
      fc.property(problem, ({ length, ...options }) => {
        const scored = slidingWindows(length, options).flatMap(({ scoreBegin, scoreEnd }) =>
          Array.from({ length: scoreEnd - scoreBegin }, (_, i) => scoreBegin + i),
        );
        const first = options.bos ? 0 : 1;
        expect(scored).toEqual(Array.from({ length: Math.max(0, length - first) }, (_, i) => first + i));
      }),
    );
  });

  it("gives the model at most contextLength tokens, and every scored token at least contextLength − stride + 1 later on", () => {
    fc.assert(
      fc.property(problem, ({ length, ...options }) => {
        const tokens = Array.from({ length }, (_, i) => i);
        slidingWindows(length, options).forEach((window, k) => {
          const input = inputOf(tokens, window, options.bos);
          expect(input.length).toBeLessThanOrEqual(options.contextLength);
          const context = input.length - (window.end - 1 - window.scoreBegin);
          expect(context).toBeGreaterThanOrEqual(1);
          if (k > 0 && window.end < length) expect(context).toBe(options.contextLength - options.stride + 1);
        });
      }),
    );
  });

  it("gives a unigram model the same perplexity for every stride and context length", () => {
    const logprob = (token: number) => Math.log((token + 1) / 10);
    const rng = createRng("unigram");
    const tokens = Array.from({ length: 37 }, () => rng.int(4));
    const exact = -tokens.reduce((sum, token) => sum + logprob(token), 0);
    for (let contextLength = 1; contextLength <= 12; contextLength++)
      for (let stride = 1; stride <= contextLength; stride++) {
        const windows = slidingWindows(37, { contextLength, stride, bos: true });
        expectClose(score(tokens, windows, true, logprob), exact, { rtol: 1e-12 });
      }
  });

  it("equals the chain rule of a Markov model of order L with stride 1", () => {
    // p(token | context) depends on the last three tokens, BOS included, through a table.
    const rng = createRng("markov");
    const table = new Map<string, number[]>();
    const logprob = (token: number, context: readonly number[]) => {
      const key = context.slice(-3).join(",");
      if (!table.has(key)) {
        const weights = [0, 1, 2].map(() => 0.1 + rng.float());
        table.set(
          key,
          weights.map((w) => w / weights.reduce((a, b) => a + b, 0)),
        );
      }
      return Math.log(table.get(key)![token]!);
    };
    const tokens = Array.from({ length: 40 }, () => rng.int(3));
    for (const bos of [true, false]) {
      const first = bos ? 0 : 1;
      let exact = 0;
      for (let t = first; t < tokens.length; t++)
        exact -= logprob(tokens[t]!, bos ? [BOS, ...tokens.slice(0, t)] : tokens.slice(0, t));
      const windows = slidingWindows(tokens.length, { contextLength: 3, stride: 1, bos });
      expectClose(score(tokens, windows, bos, logprob), exact, { rtol: 1e-12 });
      // A longer context with a long stride still holds three tokens whenever L − S + 1 ≥ 3.
      const long = slidingWindows(tokens.length, { contextLength: 10, stride: 8, bos });
      expectClose(score(tokens, long, bos, logprob), exact, { rtol: 1e-12 });
    }
  });

  it("is the rolling mode of lm-evaluation-harness, by hand", () => {
    // 10 tokens, at most 4 read: BOS 0 1 2 → 0…3; 3 4 5 6 → 4…7; the last window keeps its length: 5 6 7 8 → 8, 9.
    const tokens = Array.from({ length: 10 }, (_, i) => i);
    const windows = slidingWindows(10, { contextLength: 4, stride: 4, bos: true });
    expect(windows).toEqual([
      { begin: 0, end: 4, scoreBegin: 0, scoreEnd: 4 },
      { begin: 4, end: 8, scoreBegin: 4, scoreEnd: 8 },
      { begin: 6, end: 10, scoreBegin: 8, scoreEnd: 10 },
    ]);
    expect(windows.map((window) => inputOf(tokens, window, true))).toEqual([
      [BOS, 0, 1, 2],
      [3, 4, 5, 6],
      [5, 6, 7, 8],
    ]);
  });

  it("has nothing to score in an empty sequence, or in one token without BOS", () => {
    expect(slidingWindows(0, { contextLength: 4, stride: 2, bos: true })).toEqual([]);
    expect(slidingWindows(1, { contextLength: 4, stride: 2, bos: false })).toEqual([]);
    expect(slidingWindows(1, { contextLength: 4, stride: 2, bos: true })).toHaveLength(1);
  });

  it("names the argument and value that it refuses", () => {
    const options = { contextLength: 4, stride: 2, bos: false };
    expectValueError(() => slidingWindows(9, { ...options, stride: 5 }), { argument: "stride", value: 5 });
    expectValueError(() => slidingWindows(9, { ...options, stride: 0 }), { argument: "stride", value: 0 });
    expectValueError(() => slidingWindows(9, { ...options, contextLength: 0 }), {
      argument: "contextLength",
      value: 0,
    });
    expectValueError(() => slidingWindows(-1, options), { argument: "length", value: -1 });
    expectValueError(() => slidingWindows(2.5, options), { argument: "length", value: 2.5 });
  });
});
