import { createRng } from "@x/core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type Bandit,
  type BanditOptions,
  createDiscountedUcb,
  createEpsilonGreedy,
  createExp3,
  createExp3S,
  createSec,
  createSlidingWindowUcb,
  createThompson,
  createUcb1,
} from "../../src/bandit/index.js";
import { createBernoulliArms, meanReward, pullArm } from "../../src/simulate/index.js";

const [arms, steps, seeds] = [["a", "b", "c", "d", "e"], 5000, 50] as const;

const methods = {
  uniform: (o) => createSec({ ...o, epsilonUniform: 1 }),
  "ε-greedy 1/n": (o) => createEpsilonGreedy({ ...o, learningRate: "average" }),
  "ε-greedy α": (o) => createEpsilonGreedy({ ...o, epsilon: 0.1, learningRate: 0.05 }),
  Exp3: (o) => createExp3({ ...o, exploration: 0.15 }),
  "Exp3.S": (o) => createExp3S({ ...o, exploration: 0.15, sharing: 1 / steps }),
  Thompson: (o) => createThompson(o),
  "discounted Thompson": (o) => createThompson({ ...o, discount: 0.99 }),
  "D-UCB": (o) => createDiscountedUcb({ ...o, discount: 0.995, exploration: 0.1 }),
  "SW-UCB": (o) => createSlidingWindowUcb({ ...o, window: 400, exploration: 0.6 }),
  UCB1: (o) => createUcb1(o),
  "SEC as published": (o) => createSec({ ...o, learningRate: 0.5, temperature: 0.2 }),
  "SEC for single plays": (o) => createSec({ ...o, learningRate: 0.05, temperature: 0.1 }),
} satisfies Record<string, (options: BanditOptions) => Bandit>;
type Name = keyof typeof methods;

/** Dynamic pseudo-regret of every seed: five Bernoulli arms, one of them better by 0.4, another one in each fifth. */
function regrets(create: (options: BanditOptions) => Bandit): number[] {
  return Array.from({ length: seeds }, (_, seed) => {
    const rng = createRng(`world ${seed}`);
    const world = createBernoulliArms(rng, { steps });
    const means = (t: number) => arms.map((_, k) => meanReward(world, t, k));
    const bandit = create({ arms, seed, means });
    for (let t = 0; t < steps; t++) {
      const [{ id, task }] = bandit.ask() as [ReturnType<Bandit["ask"]>[0]];
      bandit.tell([{ ticket: id, signal: pullArm(world, t, arms.indexOf(task as "a"), rng) }]);
    }
    return bandit.diagnostics.regret!.dynamic;
  });
}

const mean = (x: readonly number[]) => x.reduce((a, b) => a + b) / x.length;
/** Upper end of the 95 % interval of the mean difference, seed by seed (t of 49 degrees of freedom). */
function upperDifference(a: readonly number[], b: readonly number[]): number {
  const d = a.map((x, i) => x - b[i]!);
  const variance = d.reduce((sum, x) => sum + (x - mean(d)) ** 2, 0) / (d.length - 1);
  return mean(d) + 2.01 * Math.sqrt(variance / d.length);
}

describe("on arms that change", () => {
  let table: Record<Name, number[]>;
  beforeAll(() => {
    const rows = Object.entries(methods).map(([name, create]) => [name, regrets(create)]);
    table = Object.fromEntries(rows);
  });
  const share = (name: Name) => mean(table[name]) / mean(table.uniform);

  it("uniform play loses (1 − 1/K) · gap · T = 1600", () => {
    // Standard deviation of one seed: 0.4 √(0.16 T); four standard errors.
    expect(Math.abs(mean(table.uniform) - 1600)).toBeLessThan((4 * 0.4 * Math.sqrt(0.16 * steps)) / Math.sqrt(seeds));
  });

  it.each<Name>(["ε-greedy α", "discounted Thompson", "D-UCB", "SW-UCB", "SEC for single plays"])(
    "%s loses less than 35 %% of that",
    (name) => {
      expect(share(name)).toBeLessThan(0.35);
    },
  );

  it("Exp3.S loses less than 60 %, and less than Exp3", () => {
    expect(share("Exp3.S")).toBeLessThan(0.6);
    expect(upperDifference(table["Exp3.S"], table.Exp3)).toBeLessThan(0);
  });

  it("forgetting helps Thompson sampling and ε-greedy", () => {
    expect(upperDifference(table["discounted Thompson"], table.Thompson)).toBeLessThan(0);
    expect(upperDifference(table["ε-greedy α"], table["ε-greedy 1/n"])).toBeLessThan(0);
  });

  it("SEC's published step is for means over batches, not for single plays", () => {
    expect(upperDifference(table["SEC for single plays"], table["SEC as published"])).toBeLessThan(0);
  });
});
