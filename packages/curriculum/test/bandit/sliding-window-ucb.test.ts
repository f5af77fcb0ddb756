import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bandit, createSlidingWindowUcb, createUcb1 } from "../../src/bandit/index.js";

const arms = ["a", "b", "c", "d"];

/** The arms that a bandit of Bernoulli arms draws, one at a time. */
function trajectory(bandit: Bandit, steps: number, seed: number): string[] {
  const rng = createRng(seed);
  return Array.from({ length: steps }, () => {
    const [{ id, task }] = bandit.ask() as [ReturnType<Bandit["ask"]>[0]];
    bandit.tell([{ ticket: id, signal: rng.float() < 0.2 + 0.2 * arms.indexOf(task) ? 1 : 0 }]);
    return task;
  });
}

describe("createSlidingWindowUcb", () => {
  it("with a window no shorter than the play draws what UCB1 of c = √ξ draws", () => {
    for (const exploration of [0.25, 1])
      expect(trajectory(createSlidingWindowUcb({ arms, seed: 1, window: 400, exploration }), 400, 5)).toEqual(
        trajectory(createUcb1({ arms, seed: 1, exploration: Math.sqrt(exploration) }), 400, 5),
      );
  });

  it("estimates by the last τ results, and looks first at an arm that has none", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, window) => {
        const bandit = createSlidingWindowUcb({ arms, seed, window });
        const rng = createRng(seed);
        const told: { arm: number; signal: number }[] = [];
        for (let step = 0; step < 60; step++) {
          const recent = told.slice(-window);
          const unseen = arms.filter((_, k) => recent.every(({ arm }) => arm !== k));
          const tickets = bandit.ask(1 + rng.int(3));
          if (unseen.length > 0) expect(unseen).toContain(tickets[0]!.task);
          const results = tickets.map(({ id, task }) => ({ ticket: id, arm: arms.indexOf(task), signal: rng.float() }));
          told.push(...results);
          bandit.tell(results);
          const kept = told.slice(-window);
          bandit.values().forEach((value, k) => {
            const own = kept.filter(({ arm }) => arm === k);
            const mean = own.reduce((sum, { signal }) => sum + signal, 0) / own.length;
            expect(value).toBeCloseTo(own.length === 0 ? 0 : mean, 12);
          });
        }
      }),
      { numRuns: 30 },
    );
  });
});
