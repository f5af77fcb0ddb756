import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bandit, createDiscountedUcb, createUcb1 } from "../../src/bandit/index.js";

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

describe("createUcb1", () => {
  it("takes each arm once first", () => {
    for (let seed = 0; seed < 10; seed++) expect(new Set(trajectory(createUcb1({ arms, seed }), 4, seed)).size).toBe(4);
  });

  it("takes the arm of the largest mean + c √(ln t / n)", () => {
    const bandit = createUcb1({ arms, seed: 1, exploration: 0.7 });
    const plays = arms.map(() => ({ n: 0, sum: 0 }));
    const rng = createRng(2);
    for (let t = 0; t < 300; t++) {
      const index = plays.map(({ n, sum }) => (n === 0 ? Infinity : sum / n + 0.7 * Math.sqrt(Math.log(t) / n)));
      const [{ id, task }] = bandit.ask() as [ReturnType<Bandit["ask"]>[0]];
      const arm = plays[arms.indexOf(task)]!;
      expect(index[arms.indexOf(task)]).toBeCloseTo(Math.max(...index), 12);
      const signal = rng.float();
      bandit.tell([{ ticket: id, signal }]);
      arm.n++;
      arm.sum += signal;
    }
    expect(bandit.values()[0]).toBeCloseTo(plays[0]!.sum / plays[0]!.n, 12);
  });

  it("spreads a batch: open tickets count as plays", () => {
    const bandit = createUcb1({ arms, seed: 1 });
    const tickets = bandit.ask(12);
    for (const arm of arms) expect(tickets.filter(({ task }) => task === arm)).toHaveLength(3);
    bandit.tell(tickets.map(({ id, task }) => ({ ticket: id, signal: task === "d" ? 1 : 0 })));
    const next = new Set(bandit.ask(40).map(({ task }) => task));
    expect(next.size).toBeGreaterThan(1);
  });
});

describe("createDiscountedUcb", () => {
  it("with γ = 1 draws what UCB1 of c = 2√ξ draws", () => {
    for (const exploration of [0.25, 1])
      expect(trajectory(createDiscountedUcb({ arms, seed: 1, discount: 1, exploration }), 400, 5)).toEqual(
        trajectory(createUcb1({ arms, seed: 1, exploration: 2 * Math.sqrt(exploration) }), 400, 5),
      );
  });

  it("estimates by results worth γ to the power of their age", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.3, max: 1, noNaN: true }), (seed, discount) => {
        const bandit = createDiscountedUcb({ arms, seed, discount });
        const rng = createRng(seed);
        const told: { arm: number; signal: number; step: number }[] = [];
        for (let step = 0; step < 25; step++)
          bandit.tell(
            bandit.ask(1 + rng.int(3)).map(({ id, task }) => {
              const signal = rng.float();
              told.push({ arm: arms.indexOf(task), signal, step });
              return { ticket: id, signal };
            }),
          );
        bandit.values().forEach((value, k) => {
          const own = told.filter(({ arm }) => arm === k);
          const worth = own.map(({ step }) => discount ** (24 - step));
          const sum = own.reduce((total, { signal }, i) => total + worth[i]! * signal, 0);
          expect(value).toBeCloseTo(own.length === 0 ? 0 : sum / worth.reduce((a, b) => a + b), 9);
        });
      }),
      { numRuns: 30 },
    );
  });
});
