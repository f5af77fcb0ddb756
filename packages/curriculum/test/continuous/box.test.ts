import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkBox,
  checkRewards,
  clip,
  contains,
  proportional,
  shares,
  sides,
  uniform,
  volume,
} from "../../src/continuous/box.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { chiSquareDeviate } from "./chi-square.js";

const box = { low: [-1, 0.1, 5], high: [1, 0.3, 9] };

describe("a box", () => {
  it("has sides and a volume", () => {
    expectClose(sides(box), [2, 0.2, 4], { rtol: 1e-15 });
    expectClose(volume(box), 1.6, { rtol: 1e-15 });
  });

  it("draws inside itself, whatever its bounds", () => {
    const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(fc.integer(), bound, bound, (seed, a, b) => {
        fc.pre(a !== b);
        const some = { low: [Math.min(a, b)], high: [Math.max(a, b)] };
        expect(contains(some, uniform(some, createRng(seed)))).toBe(true);
      }),
    );
  });

  it("draws evenly along every side", () => {
    const rng = createRng(2);
    const draws = Array.from({ length: 5000 }, () => uniform(box, rng));
    for (const [i, side] of sides(box).entries()) {
      const counts = new Array<number>(10).fill(0);
      for (const draw of draws) counts[Math.floor(((draw[i]! - box.low[i]!) / side) * 10)]!++;
      expect(chiSquareDeviate(counts, new Array<number>(10).fill(0.1))).toBeLessThan(4);
    }
  });

  it("moves what is outside to its nearest point", () => {
    expect(clip(box, [-3, 0.2, 11])).toEqual([-1, 0.2, 9]);
    expect(contains(box, [-1, 0.3, 5])).toBe(true);
    expect(contains(box, [-1, 0.31, 5])).toBe(false);
  });

  it.each([
    [
      { low: [], high: [] },
      { argument: "box.low.length", value: 0 },
    ],
    [
      { low: [0], high: [1, 2] },
      { argument: "box.high.length", value: 2 },
    ],
    [
      { low: [0, Number.NaN], high: [1, 1] },
      { argument: "box.low", index: 1, value: Number.NaN },
    ],
    [
      { low: [0, 1], high: [1, 1] },
      { argument: "box.high", index: 1, value: 1 },
    ],
    [
      { low: [0], high: [Infinity] },
      { argument: "box.high", index: 0, value: Infinity },
    ],
    [
      { low: [-1.7e308], high: [1.7e308] },
      { argument: "box.high", index: 0, value: 1.7e308 },
    ],
  ])("is refused as %j", (bad, details) => {
    expectValueError(() => checkBox("caller", bad), { ...details, message: /^caller: box\./ });
  });
});

describe("proportional", () => {
  it("draws with the chances that shares gives, all alike when all weights are 0", () => {
    const rng = createRng(3);
    for (const weights of [
      [1, 0, 3],
      [0, 0],
    ]) {
      const counts = weights.map(() => 0);
      for (let draw = 0; draw < 2000; draw++) counts[proportional(weights, rng)]!++;
      expect(chiSquareDeviate(counts, shares(weights))).toBeLessThan(4);
      expect(counts.map((count) => count > 0)).toEqual(shares(weights).map((share) => share > 0));
    }
    expect([shares([1, 0, 3]), shares([0, 0])]).toEqual([
      [0.25, 0, 0.75],
      [0.5, 0.5],
    ]);
  });
});

describe("checkRewards", () => {
  it("refuses rewards whose squares overflow", () => {
    const ticket = { id: 7, task: [0], probability: 1, step: 0 };
    const told = [1e100, -1e101].map((signal) => ({ ticket, signal, feedback: { ticket: 7, signal } }));
    expectValueError(() => checkRewards("caller", told), {
      argument: "signal",
      index: 1,
      value: -1e101,
      message: /^caller\.tell: /,
    });
  });
});
