import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge, median, spreadOf, strays } from "../src/benchmark.js";

describe("median", () => {
  it("is the middle value, or the mean of the two in the middle, and leaves the list as it was", () => {
    const values = [9, 1, 10];
    expect(median(values)).toBe(9);
    expect(median([4, 1, 2, 100])).toBe(3);
    expect(values).toEqual([9, 1, 10]);
  });

  it("has as many values below as above", () => {
    const list = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 1 });
    fc.assert(
      fc.property(list, (values) => {
        const middle = median(values);
        const half = values.length / 2;
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(half);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(half);
      }),
    );
  });
});

describe("spreadOf", () => {
  it("is half the range over the median", () => {
    expect(spreadOf([90, 100, 120])).toBeCloseTo(0.15, 12);
    expect(spreadOf([7])).toBe(0);
  });
});

describe("strays", () => {
  it("is more than 15 %", () => {
    expect(strays([85, 100, 115])).toBe(false);
    expect(strays([84, 100, 115])).toBe(true);
  });
});

describe("judge", () => {
  it("compares the medians with the bound, and tells the extremes of the rounds", () => {
    const ratio = judge("step", [10, 12, 30], [20, 20, 22], { must: 0.6 });
    expect(ratio).toMatchObject({ id: "step", ours: 12, peer: 20, ratio: 0.6, low: 0.5, target: "≤ 0.6", pass: true });
    expect(ratio.high).toBeCloseTo(30 / 22, 12);
    expect(judge("step", [13, 13, 13], [20, 20, 20], { must: 0.6 }).pass).toBe(false);
  });

  it("turns the bound round where higher is better, and says which way it goes", () => {
    const rate = (ours: number) => judge("tokens per second", [ours], [10], { better: "higher", must: 1.5, aim: 2 });
    expect(rate(15)).toMatchObject({ better: "higher", ratio: 1.5, target: "≥ 1.5, aim ≥ 2", pass: true });
    expect(rate(14.9).pass).toBe(false);
    expect(judge("step", [15], [10], { must: 1.5, aim: 1 })).toMatchObject({
      better: "lower",
      target: "≤ 1.5, aim ≤ 1",
      pass: true,
    });
  });

  it("passes with the bound, whether it reaches the aim or not", () => {
    for (const ours of [5, 9]) expect(judge("step", [ours], [10], { must: 0.9, aim: 0.5 }).pass).toBe(true);
    expect(judge("step", [20], [10], { aim: 0.8 })).toMatchObject({ target: "reported, aim ≤ 0.8", pass: null });
  });

  it("judges nothing when the peer strays by more than 15 %, however good the ratio, but ours may stray", () => {
    for (const better of ["lower", "higher"] as const)
      expect(judge("step", [1, 1, 1], [69, 100, 131], { better, must: 2 })).toMatchObject({
        pass: null,
        target: `${better === "lower" ? "≤" : "≥"} 2 (cannot judge: the peer strays)`,
      });
    expect(judge("step", [1, 1, 1], [85, 100, 115], { must: 2 }).pass).toBe(true);
    expect(judge("step", [1, 50, 99], [100, 100, 100], { must: 2 }).pass).toBe(true);
  });

  it("only reports where there is no bound", () => {
    expect(judge("memory", [3], [2])).toMatchObject({ ratio: 1.5, target: "reported", pass: null });
  });
});
