import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReplayMixture, replayProbabilities, type ScoreTransform } from "../../src/replay/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const transforms: ScoreTransform[] = ["rank", "power", "softmax", "max", "constant"];
const byScore = (scores: number[], transform: ScoreTransform, temperature: number) =>
  replayProbabilities(
    scores,
    scores.map(() => 0),
    { transform, temperature, stalenessCoefficient: 0 },
  );

describe("replayProbabilities", () => {
  it("by rank at β = 1 of three levels is 6/11, 3/11, 2/11", () => {
    expectClose(byScore([0.2, 9, -1], "rank", 1), [3 / 11, 6 / 11, 2 / 11], { rtol: 1e-15 });
    expectClose(byScore([5, 5, 5], "rank", 1), [6 / 11, 3 / 11, 2 / 11], { rtol: 1e-15 });
  });

  it("by rank at PLR's β = 0.1 is ∝ rank⁻¹⁰", () => {
    expectClose(
      byScore([3, 1, 2], "rank", 0.1),
      [1, 3 ** -10, 2 ** -10].map((w) => w / (1 + 3 ** -10 + 2 ** -10)),
      { rtol: 1e-14 },
    );
  });

  it.each(["rank", "power", "softmax"] as const)(
    "by %s is even for β → ∞ and the best alone for β → 0",
    (transform) => {
      expectClose(byScore([1, 4, 2], transform, 1e12), [1 / 3, 1 / 3, 1 / 3], { atol: 1e-9 });
      expectClose(byScore([1, 4, 2], transform, 1e-3), [0, 1, 0], { atol: 1e-12 });
    },
  );

  it("by power, softmax, max and none are what they say", () => {
    expectClose(byScore([1, 3, 0], "power", 0.5), [0.1, 0.9, 0], { rtol: 1e-15 });
    expectClose(byScore([0, Math.log(3)], "softmax", 1), [0.25, 0.75], { rtol: 1e-15 });
    expect(byScore([2, 7, 7, 1], "max", 1)).toEqual([0, 0.5, 0.5, 0]);
    expect(byScore([2, 7], "constant", 1)).toEqual([0.5, 0.5]);
  });

  it("stay finite for huge scores, and even where no score says anything", () => {
    expectClose(byScore([1e300, 5e299], "power", 0.1), [1024 / 1025, 1 / 1025], { rtol: 1e-12 });
    expectClose(byScore([1e6, 1e6 - 1], "softmax", 0.001), [1, 0], { atol: 1e-12 });
    expect(byScore([0, 0], "power", 1)).toEqual([0.5, 0.5]);
  });

  it("by staleness alone are ∝ age, and even when nothing is stale", () => {
    expect(replayProbabilities([9, 1, 1], [0, 1, 3], { stalenessCoefficient: 1 })).toEqual([0, 0.25, 0.75]);
    expect(replayProbabilities([9, 1], [0, 0], { stalenessCoefficient: 1 })).toEqual([0.5, 0.5]);
  });

  it("sum to 1 and mix P_S and P_C by ρ", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1e3, noNaN: true }), fc.nat(50)), { minLength: 1, maxLength: 20 }),
        fc.constantFrom(...transforms),
        fc.double({ min: 0.01, max: 10, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (levels, transform, temperature, rho) => {
          const [scores, ages] = [levels.map(([s]) => s), levels.map(([, age]) => age)];
          const of = (stalenessCoefficient: number) =>
            replayProbabilities(scores, ages, { transform, temperature, stalenessCoefficient });
          const p = of(rho);
          expectClose(
            p.reduce((sum, x) => sum + x, 0),
            1,
            { atol: 1e-12 },
          );
          const [scored, stale] = [of(0), of(1)];
          expectClose(
            p,
            scored.map((x, i) => (1 - rho) * x + rho * stale[i]!),
            { atol: 1e-12 },
          );
        },
      ),
    );
  });

  it.each<[string, number[], number[], ReplayMixture, { argument: string; index?: number; value?: unknown }]>([
    ["no scores", [], [], {}, { argument: "scores", value: 0 }],
    ["a score that is NaN", [1, Number.NaN], [0, 0], {}, { argument: "scores", index: 1 }],
    [
      "a negative score, by power",
      [1, -1],
      [0, 0],
      { transform: "power" },
      { argument: "scores", index: 1, value: -1 },
    ],
    ["fewer ages", [1, 2], [0], {}, { argument: "ages", value: 1 }],
    ["a negative age", [1], [-1], {}, { argument: "ages", index: 0, value: -1 }],
    ["a temperature of 0", [1], [0], { temperature: 0 }, { argument: "temperature", value: 0 }],
    ["ρ > 1", [1], [0], { stalenessCoefficient: 2 }, { argument: "stalenessCoefficient", value: 2 }],
    ["an unknown transform", [1], [0], JSON.parse('{"transform":"best"}'), { argument: "transform", value: "best" }],
  ])("refuses %s", (_, scores, ages, mixture, details) => {
    expectValueError(() => replayProbabilities(scores, ages, mixture), details);
  });
});
