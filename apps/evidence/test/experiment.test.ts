import { describe, expect, it } from "vitest";
import { criterion } from "../src/experiment.js";

const interval = { point: 0.5, low: 0.1, high: 0.9 };

describe("criterion", () => {
  it("judges the low end, the high end or the value itself, strictly unless at most is said, and says which", () => {
    const judged = (target: Parameters<typeof criterion>[2]) => {
      const { target: text, pass } = criterion("a", interval, target);
      return [text, pass];
    };
    expect(judged({ lowAbove: 0.09 })).toEqual(["low > 0.09", true]);
    expect(judged({ lowAbove: 0.1 })).toEqual(["low > 0.1", false]);
    expect(judged({ highBelow: 0.91 })).toEqual(["high < 0.91", true]);
    expect(judged({ highBelow: 0.9 })).toEqual(["high < 0.9", false]);
    expect(judged({ above: 0.49 })).toEqual(["value > 0.49", true]);
    expect(judged({ above: 0.5 })).toEqual(["value > 0.5", false]);
    expect(judged({ atLeast: 0.5 })).toEqual(["value ≥ 0.5", true]);
    expect(judged({ atLeast: 0.51 })).toEqual(["value ≥ 0.51", false]);
    expect(judged({ atMost: 0.5 })).toEqual(["value ≤ 0.5", true]);
    expect(judged({ atMost: 0.49 })).toEqual(["value ≤ 0.49", false]);
  });

  it("neither passes nor fails what is only reported", () => {
    expect(criterion("a", interval, "report")).toEqual({
      id: "a",
      value: 0.5,
      low: 0.1,
      high: 0.9,
      target: "reported",
      pass: null,
    });
  });

  it("takes a bare number as an interval of no width", () => {
    expect(criterion("a", 3, { lowAbove: 2 })).toMatchObject({ value: 3, low: 3, high: 3, pass: true });
  });

  it("passes nothing that is no number", () => {
    const none = { point: Number.NaN, low: Number.NaN, high: Number.NaN };
    for (const target of [{ atLeast: 0 }, { lowAbove: 0 }, { highBelow: 0 }, { above: 0 }, { atMost: 0 }])
      expect(criterion("a", none, target).pass).toBe(false);
  });
});
