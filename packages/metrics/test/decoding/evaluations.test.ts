import { createRng } from "@x/core";
import { areaUnderBudgetCurve, nfe, scoreAtBudget, tokensPerForward } from "@x/metrics/decoding";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const points = [
  { nfe: 8, score: 0.6 },
  { nfe: 2, score: 0.3 },
  { nfe: 4, score: 0.5 },
  { nfe: 5, score: 0.4 }, // dearer and worse
];

describe("nfe", () => {
  it("counts every call once for each sequence in it", () => {
    expect(nfe([[0, 1, 2], [0, 2], [2]], 4)).toEqual(Int32Array.of(2, 1, 3, 0));
    expect(nfe([], 2)).toEqual(Int32Array.of(0, 0));
  });

  it("does not depend on how sequences are batched", () => {
    const batched = nfe([[0, 1], [0, 1], [1]], 2);
    expect(nfe([[0], [0], [1], [1], [1]], 2)).toEqual(batched);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => nfe([[0], [0, 2]], 2), { argument: "calls[1]", index: 1, value: 2 });
    expectValueError(() => nfe([[0, 0]], 2), { argument: "calls[0]", index: 1, value: 0 });
    expectValueError(() => nfe([[Number.NaN]], 2), { argument: "calls[0]", index: 0, value: Number.NaN });
    expectValueError(() => nfe([], 0), { argument: "sequences", value: 0 });
  });
});

describe("tokensPerForward", () => {
  it("is a ratio of totals", () => {
    expect(tokensPerForward([32, 8], [8, 8])).toBe(2.5);
    expect(tokensPerForward([7], nfe([[0], [0]], 1))).toBe(3.5);
  });

  it("is 1 for a token at a time", () => {
    const lengths = Int32Array.of(3, 5, 1);
    expect(tokensPerForward(lengths, lengths)).toBe(1);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => tokensPerForward([], []), { argument: "generated", value: 0 });
    expectValueError(() => tokensPerForward([1, 2], [1]), { argument: "evaluations", value: 1 });
    expectValueError(() => tokensPerForward([1], [0]), { argument: "evaluations", value: 0 });
    expectValueError(() => tokensPerForward([1, -1], [1, 1]), { argument: "generated", index: 1, value: -1 });
    expectValueError(() => tokensPerForward([1], [Number.NaN]), { argument: "evaluations", index: 0 });
  });
});

describe("scoreAtBudget", () => {
  it("is the best score that is affordable, without interpolation", () => {
    const at = [2, 3.9, 4, 7, 8, 100].map((budget) => scoreAtBudget(points, budget));
    expect(at).toEqual([0.3, 0.3, 0.5, 0.5, 0.6, 0.6]);
  });

  it("is NaN where nothing is affordable", () => {
    expect(scoreAtBudget(points, 1.9)).toBeNaN();
  });

  it("never falls with the budget and may be negative", () => {
    const rng = createRng("budget");
    const random = Array.from({ length: 20 }, () => ({ nfe: 1 + rng.int(30), score: rng.normal() - 5 }));
    let before = -Infinity;
    for (let budget = Math.min(...random.map((p) => p.nfe)); budget < 40; budget++) {
      const score = scoreAtBudget(random, budget);
      expect(score).toBeGreaterThanOrEqual(before);
      before = score;
    }
    expect(before).toBe(Math.max(...random.map((p) => p.score)));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => scoreAtBudget([], 1), { argument: "points", value: 0 });
    expectValueError(() => scoreAtBudget(points, 0), { argument: "budget", value: 0 });
    expectValueError(() => scoreAtBudget([{ nfe: 0, score: 1 }], 1), { argument: "points.nfe", index: 0, value: 0 });
    expectValueError(() => scoreAtBudget([...points, { nfe: 1, score: Number.NaN }], 1), {
      argument: "points.score",
      index: 4,
      value: Number.NaN,
    });
  });
});

describe("areaUnderBudgetCurve", () => {
  it("is the mean score over doublings", () => {
    // From 2 to 16 there are three doublings, with 0.3, 0.5 and 0.6.
    expectClose(areaUnderBudgetCurve(points, { from: 2, to: 16 }), (0.3 + 0.5 + 0.6) / 3, { rtol: 1e-14 });
    expectClose(areaUnderBudgetCurve(points, { from: 4, to: 8 }), 0.5, { rtol: 1e-14 });
  });

  it("equals the mean over budgets that are evenly spread in the logarithm", () => {
    const [from, to, n] = [2.5, 37, 20_000];
    let sum = 0;
    for (let i = 0; i < n; i++) sum += scoreAtBudget(points, from * (to / from) ** ((i + 0.5) / n));
    expectClose(areaUnderBudgetCurve(points, { from, to }), sum / n, { atol: 1e-4 });
  });

  it("does not change with points that are worse or beyond the range", () => {
    const range = { from: 2, to: 16 };
    const more = [...points, { nfe: 3, score: 0.1 }, { nfe: 1, score: 0.2 }, { nfe: 16, score: 1 }];
    expectClose(areaUnderBudgetCurve(more, range), areaUnderBudgetCurve(points, range), { rtol: 1e-14 });
  });

  it("is NaN where the range begins below the cheapest point", () => {
    expect(areaUnderBudgetCurve(points, { from: 1, to: 16 })).toBeNaN();
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => areaUnderBudgetCurve(points, { from: 4, to: 4 }), { argument: "to", value: 4 });
    expectValueError(() => areaUnderBudgetCurve(points, { from: 0, to: 4 }), { argument: "from", value: 0 });
    expectValueError(() => areaUnderBudgetCurve(points, { from: 1, to: Infinity }), {
      argument: "to",
      value: Infinity,
    });
    expectValueError(() => areaUnderBudgetCurve([], { from: 1, to: 2 }), { argument: "points", value: 0 });
  });
});
