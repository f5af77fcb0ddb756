import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot, waterFill } from "../../src/allocate/water-fill.js";
import { expectClose } from "../expect-close.js";
import fixtures from "../fixtures/allocate.json" with { type: "json" };

const free = (places: number) => ({
  cost: new Array<number>(places).fill(1),
  min: new Array<number>(places).fill(0),
  max: new Array<number>(places).fill(Infinity),
});

/** Weights with zeros and tiny ones among them, bounds, costs and a budget between the bounds. */
const problem = fc
  .array(
    fc.record({
      weight: fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.constant(1e-200)),
      cost: fc.oneof(fc.constant(1), fc.double({ min: 0.1, max: 9, noNaN: true })),
      min: fc.integer({ min: 0, max: 4 }),
      span: fc.integer({ min: 0, max: 9 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((places) => fc.record({ places: fc.constant(places), share: fc.double({ min: 0, max: 1, noNaN: true }) }))
  .map(({ places, share }) => {
    const limits = {
      cost: places.map(({ cost }) => cost),
      min: places.map(({ min }) => min),
      max: places.map(({ min, span }) => min + span),
    };
    const [least, most] = [dot(limits.cost, limits.min), dot(limits.cost, limits.max)];
    const budget = Math.min(most, least + share * (most - least));
    return { weights: places.map(({ weight }) => weight), budget, limits };
  });

describe("waterFill", () => {
  it("is proportional without bounds", () => {
    expectClose(waterFill([1, 2, 5], 16, free(3)), [2, 4, 10], { rtol: 1e-15 });
  });

  it("hands on what a full place cannot take, and takes from all for a minimum", () => {
    expectClose(waterFill([1, 2, 5], 16, { ...free(3), max: [9, 9, 7] }), [3, 6, 7], { rtol: 1e-15 });
    expectClose(waterFill([1, 2, 5], 16, { ...free(3), min: [9, 0, 0] }), [9, 2, 5], { rtol: 1e-15 });
  });

  it("gives nothing to weight 0 until all else is full, then even shares", () => {
    expect(waterFill([0, 1], 4, free(2))).toEqual([0, 4]);
    expect(waterFill([0, 1, 0], 9, { ...free(3), max: [9, 3, 9] })).toEqual([3, 3, 3]);
    expect(waterFill([0, 0], 5, free(2))).toEqual([2.5, 2.5]);
    expect(waterFill([0, 0], 5, { ...free(2), max: [1, 9] })).toEqual([1, 4]);
  });

  it("is as a bisection in NumPy finds it, with bounds and costs", () => {
    for (const { variance, cost, min, max, budget, counts } of fixtures.bounded)
      expectClose(
        waterFill(
          variance.map((a, i) => Math.sqrt(a / cost[i]!)),
          budget,
          { cost, min, max },
        ),
        counts,
        { rtol: 1e-12, atol: 1e-12 },
      );
  });

  it("spends the budget within the bounds at one level for all that stand between them", () => {
    fc.assert(
      fc.property(problem, ({ weights, budget, limits }) => {
        const counts = waterFill(weights, budget, limits);
        expectClose(dot(limits.cost, counts), budget, { rtol: 1e-9, atol: 1e-9 });
        const top = Math.max(...weights);
        const heavy = weights.map((w) => w > 1e-100 * top);
        const full = counts.every((n, i) => !heavy[i] || n === limits.max[i]);
        const levels: number[] = [];
        counts.forEach((n, i) => {
          expect(n).toBeGreaterThanOrEqual(limits.min[i]!);
          expect(n).toBeLessThanOrEqual(limits.max[i]!);
          if (!heavy[i]) expect(full || n === limits.min[i]).toBe(true);
          else if (n > limits.min[i]! && n < limits.max[i]!) levels.push(n / weights[i]!);
        });
        for (const level of levels) expectClose(level, levels[0]!, { rtol: 1e-9 });
        const level = levels[0];
        if (level === undefined) return;
        counts.forEach((n, i) => {
          if (!heavy[i] || limits.min[i] === limits.max[i]) return;
          if (n === limits.min[i]) expect(level * weights[i]!).toBeLessThanOrEqual(n * (1 + 1e-9));
          if (n === limits.max[i]) expect(level * weights[i]!).toBeGreaterThanOrEqual(n * (1 - 1e-9));
        });
      }),
      { numRuns: 500 },
    );
  });

  it("knows only the ratios of the weights", () => {
    fc.assert(
      fc.property(problem, fc.integer({ min: -200, max: 200 }), ({ weights, budget, limits }, power) => {
        const scaled = weights.map((w) => (w < 1e-100 ? 0 : w * 2 ** power));
        const plain = weights.map((w) => (w < 1e-100 ? 0 : w));
        expectClose(waterFill(scaled, budget, limits), waterFill(plain, budget, limits), { rtol: 1e-12, atol: 1e-12 });
      }),
    );
  });
});
