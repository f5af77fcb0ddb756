import { averagePrecision } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { binary, expectParity, weightsOf } from "./fixture.js";

describe("averagePrecision", () => {
  it("equals scikit-learn, which takes 0 without positives", () => {
    for (const { yTrue, yScore, sampleWeight, ...expected } of binary)
      expectParity(
        averagePrecision(yTrue, yScore, { ...weightsOf(sampleWeight), onUndefined: 0 }),
        expected.averagePrecision,
      );
  });

  it("is the mean over positives of the precision at their rank when no scores are equal", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 1, maxLength: 40 }), (ranked) => {
        fc.pre(ranked.includes(1));
        const yScore = ranked.map((_, rank) => -rank);
        const found = ranked.flatMap((y, rank) => (y === 1 ? [rank + 1] : []));
        const expected = found.reduce((sum, rank, k) => sum + (k + 1) / rank, 0) / found.length;
        expectClose(averagePrecision(ranked, yScore), expected, { atol: 1e-14 });
      }),
    );
  });

  it("is 1 for the right order and the share of positives for constant scores", () => {
    expect(averagePrecision([0, 0, 1, 1], [1, 2, 3, 4])).toBe(1);
    expect(averagePrecision([0, 0, 0, 1], [1, 1, 1, 1])).toBe(0.25);
  });

  it("gives NaN without positives, or what is asked for", () => {
    expect(averagePrecision([0, 0], [1, 2])).toBeNaN();
    expect(averagePrecision([0, 0], [1, 2], { onUndefined: 0.5 })).toBe(0.5);
    expectValueError(() => averagePrecision([0, 0], [1, 2], { onUndefined: "throw" }), { argument: "yTrue" });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => averagePrecision([0, 1], [1, 2, 3]), { argument: "yScore", value: 3 });
    expectValueError(() => averagePrecision([0, 1], [1, -Infinity]), {
      argument: "yScore",
      index: 1,
      value: -Infinity,
    });
    expectValueError(() => averagePrecision([0, 1, 5], [1, 2, 3]), { argument: "yTrue", index: 2, value: 5 });
  });
});
