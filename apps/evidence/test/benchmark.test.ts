import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge, median, spreadOf } from "../src/benchmark.js";

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

describe("judge", () => {
  it("compares the medians with the bound, and tells the extremes of the rounds", () => {
    const ratio = judge("step", [10, 12, 30], [20, 20, 22], 0.6);
    expect(ratio).toMatchObject({ id: "step", ours: 12, peer: 20, ratio: 0.6, low: 0.5, target: "≤ 0.6", pass: true });
    expect(ratio.high).toBeCloseTo(30 / 22, 12);
    expect(judge("step", [13, 13, 13], [20, 20, 20], 0.6).pass).toBe(false);
  });

  it("judges nothing when the peer strays by more than 15 %, however good the ratio, but ours may stray", () => {
    expect(judge("step", [1, 1, 1], [69, 100, 131], 2)).toMatchObject({
      pass: null,
      target: "≤ 2 (cannot judge: the peer strays)",
    });
    expect(judge("step", [1, 1, 1], [85, 100, 115], 2).pass).toBe(true);
    expect(judge("step", [1, 50, 99], [100, 100, 100], 2).pass).toBe(true);
  });

  it("only reports where there is no bound", () => {
    expect(judge("memory", [3], [2])).toMatchObject({ ratio: 1.5, target: "reported", pass: null });
  });
});
