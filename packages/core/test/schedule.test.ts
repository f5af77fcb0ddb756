import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Schedule, scheduleValue, ValueError } from "../src/index.js";
import { expectClose } from "./expect-close.js";

const values = (schedule: number | Schedule, steps: readonly number[]) => steps.map((t) => scheduleValue(schedule, t));
const root = Math.SQRT1_2;

describe("scheduleValue", () => {
  // Expected values from the table of `Schedule`, worked out by hand.
  const cases: readonly { schedule: Schedule; at: readonly number[]; expected: readonly number[] }[] = [
    { schedule: { kind: "constant", value: 0.3 }, at: [0, 7], expected: [0.3, 0.3] },
    { schedule: { kind: "linear", from: 2, to: 1, steps: 4 }, at: [0, 1, 2, 4, 99], expected: [2, 1.75, 1.5, 1, 1] },
    {
      schedule: { kind: "cosine", from: 1, to: 0, steps: 4 },
      at: [0, 1, 2, 3, 4, 99],
      expected: [1, (1 + root) / 2, 0.5, (1 - root) / 2, 0, 0],
    },
    {
      schedule: { kind: "exponential", from: 8, minimum: 1.5, rate: Math.LN2 },
      at: [0, 1, 2, 3, 9],
      expected: [8, 4, 2, 1.5, 1.5],
    },
    {
      schedule: { kind: "warmupStableDecay", peak: 1, final: 0.2, warmup: 4, stable: 2, decay: 4 },
      at: [0, 1, 3, 4, 6, 7, 9, 10, 99],
      expected: [0.25, 0.5, 1, 1, 1, 0.8, 0.4, 0.2, 0.2],
    },
    {
      schedule: { kind: "warmupCosine", peak: 2, final: 0, warmup: 2, steps: 6 },
      at: [0, 1, 2, 3, 4, 5, 6, 99],
      expected: [1, 2, 2, 1 + root, 1, 1 - root, 0, 0],
    },
    {
      schedule: { kind: "inverseSquareRoot", peak: 3, warmup: 4 },
      at: [0, 1, 3, 8, 15, 35],
      expected: [0.75, 1.5, 3, 2, 1.5, 1],
    },
    {
      schedule: { kind: "inverseSigmoid", k: 2 },
      at: [0, 2 * Math.log(2), 4 * Math.log(2), 1e6],
      expected: [2 / 3, 2 / 4, 2 / 6, 0],
    },
    {
      schedule: {
        kind: "piecewise",
        points: [
          [2, 1],
          [5, 0.1],
          [9, 0.01],
        ],
      },
      at: [0, 2, 4, 5, 8, 9, 99],
      expected: [1, 1, 1, 0.1, 0.1, 0.01, 0.01],
    },
  ];

  it.each(cases)("equals the closed form of $schedule.kind", ({ schedule, at, expected }) => {
    expectClose(values(schedule, at), expected);
  });

  it("takes a number for its own schedule", () => {
    expect(values(0.7, [0, 1, 1e9])).toEqual([0.7, 0.7, 0.7]);
  });

  it.each(["linear", "cosine"] as const)("goes from end to end without turning back: %s", (kind) => {
    const number = fc.integer({ min: -1e6, max: 1e6 }).map((n) => n / 1e3);
    fc.assert(
      fc.property(number, number, fc.integer({ min: 1, max: 50 }), (from, to, steps) => {
        const all = values({ kind, from, to, steps }, [...Array(steps + 3).keys()]);
        expect(all[0]).toBe(from);
        expect(all.slice(steps)).toEqual([to, to, to]);
        const tolerance = 1e-12 * (Math.abs(from) + Math.abs(to));
        for (let t = 1; t < all.length; t++)
          expect((all[t]! - all[t - 1]!) * Math.sign(to - from)).toBeGreaterThanOrEqual(-tolerance);
      }),
    );
  });

  it.each(["warmupCosine", "warmupStableDecay"] as const)(
    "reaches peak at the end of warm-up and stays below: %s",
    (kind) => {
      fc.assert(
        fc.property(fc.nat(20), fc.integer({ min: 1, max: 20 }), fc.nat(20), (warmup, decay, stable) => {
          const schedule: Schedule =
            kind === "warmupCosine"
              ? { kind, peak: 2, final: 0.5, warmup, steps: warmup + decay }
              : { kind, peak: 2, final: 0.5, warmup, stable, decay };
          const all = values(schedule, [...Array(warmup + decay + stable + 1).keys()]);
          expect(Math.max(...all)).toBe(2);
          expect(all[warmup]).toBe(2);
          expect(all.at(-1)).toBe(0.5);
        }),
      );
    },
  );

  it("needs no warm-up and no length", () => {
    expect(values({ kind: "linear", from: 1, to: 0, steps: 0 }, [0, 1])).toEqual([0, 0]);
    expect(values({ kind: "inverseSquareRoot", peak: 1, warmup: 0 }, [0, 3])).toEqual([1, 0.5]);
  });

  it("is the same after a JSON round trip", () => {
    for (const { schedule, at } of cases)
      expect(values(JSON.parse(JSON.stringify(schedule)), at)).toEqual(values(schedule, at));
  });

  it("throws ValueError for a step that is negative or no number", () => {
    for (const step of [-1, Number.NaN]) expect(() => scheduleValue(1, step)).toThrow(ValueError);
  });

  it("throws ValueError when the parameters give no finite value", () => {
    const broken: unknown[] = [
      Number.NaN,
      { kind: "linear", from: 1, to: 0 },
      { kind: "cosine", from: 1, steps: 3 },
      { kind: "inverseSigmoid" },
      { kind: "unheardOf", value: 1 },
    ];
    for (const schedule of broken) expect(() => scheduleValue(schedule as Schedule, 1)).toThrow(ValueError);
  });

  it("throws ValueError for points that are empty or do not rise", () => {
    expect(() => scheduleValue({ kind: "piecewise", points: [] }, 0)).toThrow(ValueError);
    for (const second of [3, 2, Number.NaN])
      expect(() =>
        scheduleValue(
          {
            kind: "piecewise",
            points: [
              [3, 1],
              [second, 2],
            ],
          },
          9,
        ),
      ).toThrow(ValueError);
  });
});
