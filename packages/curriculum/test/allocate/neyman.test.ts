import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AllocateOptions, allocationVariance, neymanAllocate } from "../../src/allocate/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const variances = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 8 });

describe("neymanAllocate", () => {
  it("reaches (Σ √(a·c))² / N, the closed form, and beats equal shares unless all are equal", () => {
    fc.assert(
      fc.property(variances, fc.integer({ min: 1, max: 500 }), (a, budget) => {
        const cost = a.map((_, i) => 1 + 0.5 * i);
        for (const c of [a.map(() => 1), cost]) {
          const counts = neymanAllocate(a, { budget, cost: c, rounding: "none" });
          const best = sum(a.map((x, i) => Math.sqrt(x * c[i]!))) ** 2 / budget;
          expectClose(allocationVariance(a, counts), best, { rtol: 1e-12 });
          const equal = (sum(a) * sum(c)) / budget;
          expect(best).toBeLessThanOrEqual(equal * (1 + 1e-12));
        }
      }),
    );
    expect(neymanAllocate([2, 2, 2], { budget: 12 })).toEqual([4, 4, 4]);
  });

  it("satisfies the conditions of optimality within bounds: one price a/(c·n²) between them", () => {
    const a = [9, 4, 1, 25, 0.01];
    const cost = [1, 2, 1, 1, 3];
    const [min, max] = [
      [0, 0, 3, 0, 1],
      [9, 9, 9, 4, 9],
    ];
    const n = neymanAllocate(a, { budget: 25, cost, min, max, rounding: "none" });
    const price = n.map((x, i) => a[i]! / (cost[i]! * x ** 2));
    expect([n[2], n[3], n[4]]).toEqual([3, 4, 1]); // at a bound
    expectClose(price[0]!, price[1]!, { rtol: 1e-12 });
    expect(price[2]).toBeLessThan(price[0]!); // would have less
    expect(price[3]).toBeGreaterThan(price[0]!); // would have more
    expect(price[4]).toBeLessThan(price[0]!);
    expectClose(sum(n.map((x, i) => x * cost[i]!)), 25, { rtol: 1e-14 });
  });

  it.each(["hamilton", "exact"] as const)(
    "sums to the budget, scales with nothing, moves with its places (%s)",
    (r) => {
      fc.assert(
        fc.property(
          fc.nat(),
          fc.integer({ min: 1, max: 200 }),
          fc.integer({ min: -30, max: 30 }),
          (seed, budget, power) => {
            const rng = createRng(seed); // no two remainders or gains are equal
            const a = Array.from({ length: 1 + rng.int(8) }, () => Math.exp(2 * rng.normal()));
            const counts = neymanAllocate(a, { budget, rounding: r });
            expect(sum(counts)).toBe(budget);
            const scaled = a.map((x) => x * 4 ** power);
            expect(neymanAllocate(scaled, { budget, rounding: r })).toEqual(counts);
            const order = rng.shuffle([...a.keys()]);
            const moved = order.map((i) => a[i]!);
            expect(neymanAllocate(moved, { budget, rounding: r })).toEqual(order.map((i) => counts[i]));
          },
        ),
      );
    },
  );

  it("is never better by remainders than by the exact optimum", () => {
    fc.assert(
      fc.property(variances, fc.integer({ min: 8, max: 60 }), (a, budget) => {
        const least = allocationVariance(a, neymanAllocate(a, { budget, rounding: "exact", min: 1 }));
        const rounded = allocationVariance(a, neymanAllocate(a, { budget, min: 1 }));
        expect(least).toBeLessThanOrEqual(rounded * (1 + 1e-12));
        const free = sum(a.map(Math.sqrt)) ** 2 / budget;
        expect(free).toBeLessThanOrEqual(least * (1 + 1e-12));
      }),
    );
  });

  it("draws binary prompts in proportion to √(p·(1 − p))", () => {
    expect(neymanAllocate([0, 0.25 * 0.75, 0.5 * 0.5].map(Math.fround), { budget: 1000 })).toEqual([0, 464, 536]);
  });

  it("keeps bounds given for each or for all, and takes typed arrays", () => {
    const a = Float64Array.of(100, 1, 1);
    expect(neymanAllocate(a, { budget: 12, max: 6 })).toEqual([6, 3, 3]);
    expect(neymanAllocate(a, { budget: 12, min: Int32Array.of(0, 5, 0) })).toEqual([6, 5, 1]);
    expect(neymanAllocate(a, { budget: 12, min: 4 })).toEqual([4, 4, 4]);
  });

  const ok: AllocateOptions = { budget: 6 };
  it.each<[string, ArrayLike<number>, AllocateOptions, { argument: string; index?: number; value?: unknown }]>([
    ["no variances", [], ok, { argument: "variance", value: 0 }],
    ["a negative variance", [1, -1], ok, { argument: "variance", index: 1, value: -1 }],
    ["an infinite variance", [1, Infinity], ok, { argument: "variance", index: 1, value: Infinity }],
    ["NaN", [Number.NaN], ok, { argument: "variance", index: 0, value: Number.NaN }],
    ["a budget of 0", [1], { budget: 0 }, { argument: "budget", value: 0 }],
    ["a broken budget of samples", [1], { budget: 2.5 }, { argument: "budget", value: 2.5 }],
    [
      "a broken budget for exact counts",
      [1],
      { budget: 2.5, cost: [1], rounding: "exact" },
      { argument: "budget", value: 2.5 },
    ],
    ["an infinite budget", [1], { budget: Infinity, cost: [1] }, { argument: "budget", value: Infinity }],
    ["a cost of 0", [1, 1], { budget: 6, cost: [1, 0] }, { argument: "cost", index: 1, value: 0 }],
    ["costs for other places", [1, 1], { budget: 6, cost: [1] }, { argument: "cost", value: 1 }],
    ["a broken minimum", [1, 1], { budget: 6, min: [0, 0.5] }, { argument: "min", index: 1, value: 0.5 }],
    ["an infinite minimum", [1, 1], { budget: 6, min: Infinity }, { argument: "min", value: Infinity }],
    ["a negative maximum", [1, 1], { budget: 6, max: -1 }, { argument: "max", value: -1 }],
    ["maxima for other places", [1, 1], { budget: 6, max: [9] }, { argument: "max", value: 1 }],
    ["min > max", [1, 1], { budget: 6, min: [0, 3], max: 2 }, { argument: "min", index: 1, value: 3 }],
    ["Σ min > budget", [1, 1], { budget: 6, min: [3, 4] }, { argument: "budget", value: 6 }],
    ["Σ max < budget", [1, 1], { budget: 6, max: [2, 3] }, { argument: "budget", value: 6 }],
    ["Σ c·min > budget", [1, 1], { budget: 6, cost: [2, 3], min: [2, 1] }, { argument: "budget", value: 6 }],
    [
      "an unknown rounding",
      [1],
      { budget: 6, ...JSON.parse('{"rounding":"up"}') },
      { argument: "rounding", value: "up" },
    ],
    [
      "exact with costs",
      [1, 1],
      { budget: 6, cost: [1, 2], rounding: "exact" },
      { argument: "rounding", value: "exact" },
    ],
  ])("refuses %s", (_, variance, options, details) => {
    expectValueError(() => neymanAllocate(variance, options), { ...details, message: /^neymanAllocate: / });
  });
});

describe("allocationVariance", () => {
  it("is Σ a/n, 0 for a = 0 and ∞ for what has variance but no sample", () => {
    expect(allocationVariance([4, 9, 0], [2, 3, 0])).toBe(5);
    expect(allocationVariance([4, 9], [2, 0])).toBe(Infinity);
  });

  it("refuses lists of different length, and numbers outside their domain", () => {
    expectValueError(() => allocationVariance([1, 2], [1]), { argument: "counts", value: 1 });
    expectValueError(() => allocationVariance([1], [-1]), { argument: "counts", index: 0, value: -1 });
    expectValueError(() => allocationVariance([Number.NaN], [1]), { argument: "variance", index: 0 });
  });
});
