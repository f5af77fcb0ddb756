import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEpsilonGreedy } from "../../src/bandit/index.js";

const arms = ["a", "b", "c"];

describe("createEpsilonGreedy", () => {
  it("by averages holds the mean of all signals of an arm, batched or not", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 5 }), (seed, batch) => {
        const bandit = createEpsilonGreedy({ arms, seed, learningRate: "average", epsilon: 0.5 });
        const rng = createRng(seed);
        const signals: number[][] = [[], [], []];
        for (let step = 0; step < 20; step++)
          bandit.tell(
            bandit.ask(batch).map(({ id, task }) => {
              const signal = rng.normal();
              signals[arms.indexOf(task)]!.push(signal);
              return { ticket: id, signal };
            }),
          );
        signals.forEach((own, k) => {
          const mean = own.length === 0 ? 0 : own.reduce((a, b) => a + b) / own.length;
          expect(bandit.values()[k]).toBeCloseTo(mean, 12);
        });
      }),
      { numRuns: 20 },
    );
  });

  it("with a constant step forgets: x (1 − (1 − α)ⁿ), and back again", () => {
    const bandit = createEpsilonGreedy({ arms: ["a"], seed: 1, learningRate: 0.25 });
    const tell = (signal: number) => bandit.tell([{ ticket: bandit.ask()[0]!.id, signal }]);
    for (let n = 0; n < 3; n++) tell(1);
    expect(bandit.values()[0]).toBeCloseTo(1 - 0.75 ** 3, 12);
    tell(0);
    expect(bandit.values()[0]).toBeCloseTo((1 - 0.75 ** 3) * 0.75, 12);
  });

  it("takes the best arm with probability 1 − ε + ε/K, and all alike before it knows any", () => {
    const bandit = createEpsilonGreedy({ arms, seed: 1, epsilon: 0.3 });
    for (const chance of bandit.probabilities()) expect(chance).toBeCloseTo(1 / 3, 12);
    const [ticket] = bandit.ask();
    bandit.tell([{ ticket: ticket!.id, signal: 1 }]);
    expect(bandit.probabilities()[arms.indexOf(ticket!.task)]).toBeCloseTo(0.8, 12);
  });
});
