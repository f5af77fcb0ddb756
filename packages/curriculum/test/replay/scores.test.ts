import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  absoluteValueLoss,
  groupVariance,
  learnability,
  maxMonteCarlo,
  positiveValueLoss,
} from "../../src/replay/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const numbers = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 12 });

describe("value losses", () => {
  it("are the means of max(Â, 0) and |Â|", () => {
    expect(positiveValueLoss([1, -2, 4])).toBeCloseTo(5 / 3, 15);
    expect(absoluteValueLoss([1, -2, 4])).toBeCloseTo(7 / 3, 15);
  });

  it("obey |Â| = max(Â, 0) + max(−Â, 0)", () => {
    fc.assert(
      fc.property(numbers, (a) => {
        const mirrored = positiveValueLoss(a.map((x) => -x));
        expectClose(positiveValueLoss(a) + mirrored, absoluteValueLoss(a), { atol: 1e-12 });
      }),
    );
  });
});

describe("maxMonteCarlo", () => {
  it("is the best return less the mean value", () => {
    expect(maxMonteCarlo(3, [1, 2, 0])).toBe(2);
    fc.assert(
      fc.property(numbers, fc.double({ min: -9, max: 9, noNaN: true }), (values, best) => {
        const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
        expectClose(maxMonteCarlo(best, values), best - mean, { atol: 1e-12 });
      }),
    );
  });
});

describe("learnability", () => {
  it("is p(1 − p): the variance of binary rewards, which groupVariance has too, up to a factor of G", () => {
    for (let G = 2; G <= 12; G++)
      for (let s = 0; s <= G; s++) {
        const rewards = Array.from({ length: G }, (_, i) => (i < s ? 1 : 0));
        expectClose(learnability(rewards), (s / G) * (1 - s / G), { atol: 1e-15 });
        const most = (Math.floor(G / 2) * Math.ceil(G / 2)) / G ** 2;
        expectClose(learnability(rewards) / most, groupVariance(rewards), { atol: 1e-14 });
      }
  });
});

describe("scores", () => {
  it.each([
    ["positiveValueLoss", () => positiveValueLoss([]), { argument: "advantages", value: 0 }],
    [
      "positiveValueLoss",
      () => positiveValueLoss([1, Infinity]),
      { argument: "advantages", index: 1, value: Infinity },
    ],
    ["absoluteValueLoss", () => absoluteValueLoss([Number.NaN]), { argument: "advantages", index: 0 }],
    ["maxMonteCarlo", () => maxMonteCarlo(Number.NaN, [1]), { argument: "maxReturn" }],
    ["maxMonteCarlo", () => maxMonteCarlo(1, [2, Number.NaN]), { argument: "values", index: 1 }],
    ["learnability", () => learnability([0, -1]), { argument: "rewards", index: 1, value: -1 }],
    ["learnability", () => learnability([]), { argument: "rewards", value: 0 }],
  ])("of %s refuse what is no number of theirs (%#)", (name, call, details) => {
    expectValueError(call, { ...details, message: new RegExp(`^${name}: `) });
  });
});
