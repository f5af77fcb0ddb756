import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { allocationVariance, gvmAllocate, gvmVariance, neymanAllocate } from "../../src/allocate/index.js";
import { createPromptWorld, gradientMoments } from "../../src/simulate/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/allocate.json" with { type: "json" };

describe("gvmAllocate", () => {
  it("has the ratios of the official rule, recomputed in NumPy", () => {
    for (const { alpha, beta, gradNorm, acceptRate, ratios } of fixtures.gvm) {
      const shares = gvmAllocate({ gradNorm, acceptRate }, { budget: 1, rounding: "none", alpha, beta });
      expectClose(shares, ratios, { rtol: 1e-12 });
      expect(shares.slice(0, 2)).toEqual([0, 0]);
      if (alpha !== 1e-3 || beta !== 2) continue;
      expect(gvmAllocate({ gradNorm, acceptRate }, { budget: 1, rounding: "none" })).toEqual(shares);
    }
  });

  it("is G/√p for α = 0", () => {
    const estimates = { gradNorm: [1, 2, 3], acceptRate: [0.25, 0.25, 1] };
    expect(gvmAllocate(estimates, { budget: 18, alpha: 0 })).toEqual([4, 8, 6]);
  });

  it("is neymanAllocate of gvmVariance, bounds and costs included", () => {
    const { gradNorm, acceptRate } = fixtures.gvm[1]!;
    const options = { budget: 400, cost: gradNorm.map((_, i) => 1 + (i % 3)), min: 1, max: 20 };
    const counts = gvmAllocate({ gradNorm, acceptRate }, options);
    expect(counts).toEqual(neymanAllocate(gvmVariance({ gradNorm, acceptRate }), options));
    expect(counts.slice(0, 2)).toEqual([1, 1]);
  });

  it("leaves less than 0.7 of the variance of equal shares on average, less in every world, never less than Neyman's", () => {
    const ratios = Array.from({ length: 20 }, (_, seed) => {
      const world = createPromptWorld(createRng(seed));
      const { acceptRate, gradNorm, variance } = gradientMoments(world, new Float64Array(world.features));
      const options = { budget: 8 * world.correct.length, rounding: "none" } as const;
      const left = (counts: ArrayLike<number>) => allocationVariance(variance, counts);
      const known = { gradNorm, acceptRate };
      const [gvm, best] = [gvmAllocate(known, options), neymanAllocate(variance, options)];
      const plain = gvmAllocate(known, { ...options, alpha: 0 }); // a weight of 1 for all: only ‖E g‖² is neglected
      expect(left(plain)).toBeLessThan(1.01 * left(best));
      const equal = left(variance.map(() => 8));
      return { gvm: left(gvm) / equal, best: left(best) / equal };
    });
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(mean(ratios.map(({ gvm }) => gvm))).toBeLessThan(0.7);
    for (const { gvm, best } of ratios) {
      expect(gvm).toBeLessThan(1);
      expect(gvm).toBeGreaterThanOrEqual(best);
    }
  });

  it("gives all prompts the same when none teaches, where the official ratio is 0/0", () => {
    expect(gvmAllocate({ gradNorm: [0, 1, 0], acceptRate: [1, 0, 0.5] }, { budget: 6 })).toEqual([2, 2, 2]);
  });

  it("refuses what has no place in it, by name and place", () => {
    const ok = { gradNorm: [1, 1], acceptRate: [0.5, 0.5] };
    const budget = 4;
    expectValueError(() => gvmAllocate({ ...ok, gradNorm: [1, -1] }, { budget }), {
      argument: "gradNorm",
      index: 1,
      value: -1,
    });
    expectValueError(() => gvmAllocate({ ...ok, gradNorm: [] }, { budget }), { argument: "gradNorm" });
    expectValueError(() => gvmAllocate({ ...ok, gradNorm: [Number.NaN, 1] }, { budget }), {
      argument: "gradNorm",
      index: 0,
    });
    expectValueError(() => gvmAllocate({ ...ok, acceptRate: [0.5, 1.5] }, { budget }), {
      argument: "acceptRate",
      index: 1,
      value: 1.5,
    });
    expectValueError(() => gvmAllocate({ ...ok, acceptRate: [0.5] }, { budget }), { argument: "acceptRate", value: 1 });
    expectValueError(() => gvmAllocate(ok, { budget, alpha: -1 }), { argument: "alpha", value: -1 });
    expectValueError(() => gvmAllocate(ok, { budget, beta: Infinity }), { argument: "beta", value: Infinity });
    expectValueError(() => gvmAllocate(ok, { budget, min: 3 }), { argument: "budget", message: /^gvmAllocate: / });
  });
});

describe("gvmVariance", () => {
  it("is G²/p times 1/(1 + α/p^β)", () => {
    const [p, G, alpha, beta] = [0.2, 3, 0.01, 1.5];
    const expected = (G ** 2 / p) * (1 / (1 + alpha / p ** beta));
    expectClose(gvmVariance({ gradNorm: [G], acceptRate: [p] }, { alpha, beta }), [expected], { rtol: 1e-15 });
  });

  it("fades out below a rate of α^(1/β): half the weight there", () => {
    const rate = Math.sqrt(1e-3);
    expectClose(gvmVariance({ gradNorm: [1], acceptRate: [rate] }), [0.5 / rate], { rtol: 1e-14 });
  });
});
