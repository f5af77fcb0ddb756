import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBernoulliArms, meanReward, pullArm } from "../../src/simulate/index.js";
import { expectValueError } from "../expect-value-error.js";

describe("createBernoulliArms", () => {
  it("has segments of equal length, each with another best arm than the one before", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 50 }),
        (seed, arms, segments, length) => {
          const { best } = createBernoulliArms(createRng(seed), { arms, segments, steps: segments * length });
          const order = Array.from({ length: segments }, (_, i) => best[i * length]!);
          expect(best).toEqual(order.flatMap((arm) => new Array(length).fill(arm)));
          for (let i = 1; i < segments; i++) expect(order[i]).not.toBe(order[i - 1]);
          for (const arm of order) expect(arm >= 0 && arm < arms && Number.isInteger(arm)).toBe(true);
        },
      ),
    );
  });

  it("makes every arm the best of a first segment equally often (false alarm 1e-4)", () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 4000; seed++)
      counts[createBernoulliArms(createRng(seed), { arms: 4, segments: 1, steps: 1 }).best[0]!]!++;
    expect(counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(21.11);
  });

  it("refuses options outside their ranges", () => {
    const rng = createRng(1);
    expectValueError(() => createBernoulliArms(rng, { arms: 1 }), { argument: "arms" });
    expectValueError(() => createBernoulliArms(rng, { segments: 0 }), { argument: "segments" });
    expectValueError(() => createBernoulliArms(rng, { segments: 5, steps: 4 }), { argument: "steps", value: 4 });
    for (const gap of [0, 1.1, Number.NaN])
      expectValueError(() => createBernoulliArms(rng, { gap }), { argument: "gap" });
  });
});

describe("meanReward", () => {
  it("costs who plays at random (1 − 1/K) · gap · T: 1,600 by default, exactly", () => {
    const world = createBernoulliArms(createRng(2));
    let regret = 0;
    for (let step = 0; step < 5000; step++)
      for (let arm = 0; arm < 5; arm++)
        regret += (meanReward(world, step, world.best[step]!) - meanReward(world, step, arm)) / 5;
    expect(regret).toBeCloseTo(1600, 8);
  });

  it("refuses arms and steps that there are not", () => {
    const world = createBernoulliArms(createRng(2));
    expectValueError(() => meanReward(world, 0, 5), { argument: "arm", value: 5 });
    expectValueError(() => meanReward(world, 5000, 0), { argument: "step", value: 5000 });
  });
});

describe("pullArm", () => {
  it("pays with the mean's probability (false alarm 1e-5)", () => {
    const world = createBernoulliArms(createRng(3), { segments: 1, steps: 1 });
    const rng = createRng(4);
    for (let arm = 0; arm < 5; arm++) {
      const n = 4000;
      let paid = 0;
      for (let i = 0; i < n; i++) paid += pullArm(world, 0, arm, rng);
      const mean = meanReward(world, 0, arm);
      expect(mean).toBeCloseTo(arm === world.best[0] ? 0.7 : 0.3, 12);
      expect(Math.abs(paid / n - mean)).toBeLessThan(4.5 * Math.sqrt(0.21 / n));
    }
  });
});
