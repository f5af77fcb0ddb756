import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSec } from "../../src/bandit/index.js";
import { createBernoulliArms, meanReward } from "../../src/simulate/index.js";

const arms = ["a", "b", "c", "d", "e"];

describe("regret", () => {
  it("equals both definitions over the told draws, late, cancelled and resumed ones included", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const mu = (t: number) => arms.map((_, k) => Math.sin(seed + 3 * t + k));
        const options = { arms, seed, means: mu };
        let bandit = createSec(options);
        const played: [t: number, arm: number][] = [];
        for (let step = 0; step < 20; step++) {
          const tickets = bandit.ask(3);
          bandit.cancel([tickets[1]!.id]);
          for (const { id, task } of [tickets[2]!, tickets[0]!]) {
            bandit.tell([{ ticket: id, signal: 1 }]);
            played.push([id, arms.indexOf(task)]);
          }
          if (step === 10) bandit = createSec(options, JSON.parse(JSON.stringify(bandit.toJSON())));
        }
        const sum = (of: (t: number, arm: number) => number) => played.reduce((total, [t, k]) => total + of(t, k), 0);
        const gained = sum((t, k) => mu(t)[k]!);
        const { pseudo, dynamic } = bandit.diagnostics.regret!;
        expect(pseudo).toBeCloseTo(Math.max(...arms.map((_, k) => sum((t) => mu(t)[k]!))) - gained, 9);
        expect(dynamic).toBeCloseTo(sum((t) => Math.max(...mu(t))) - gained, 9);
      }),
      { numRuns: 20 },
    );
  });

  it("of uniform play is (1 − 1/K) · gap · T", () => {
    const [steps, gap, seeds] = [1000, 0.4, 30];
    const regrets = Array.from({ length: seeds }, (_, seed) => {
      const world = createBernoulliArms(createRng(seed), { steps, gap });
      const means = (t: number) => arms.map((_, k) => meanReward(world, t, k));
      const bandit = createSec({ arms, seed, epsilonUniform: 1, means });
      for (let t = 0; t < steps; t++) bandit.tell([{ ticket: bandit.ask()[0]!.id, signal: 0 }]);
      return bandit.diagnostics.regret!.dynamic;
    });
    // A draw costs 0 or gap: variance gap² · ⅘ · ⅕. Four standard errors.
    const error = gap * Math.sqrt((0.16 * steps) / seeds);
    const mean = regrets.reduce((a, b) => a + b) / seeds;
    expect(Math.abs(mean - 0.8 * gap * steps)).toBeLessThan(4 * error);
  });

  it.each([
    ["too few", [0.1], 1],
    ["not finite", [0, 0, Number.NaN, 0, 0], Number.NaN],
  ])("refuses means that are %s, and the tell with them", (_, means, value) => {
    const bandit = createSec({ arms, seed: 1, means: () => means });
    bandit.ask();
    const before = JSON.stringify(bandit.toJSON());
    expect(() => bandit.tell([{ ticket: 0, signal: 1 }])).toThrow(
      expect.objectContaining({ argument: "means", value }),
    );
    expect(JSON.stringify(bandit.toJSON())).toBe(before);
  });
});
