import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createExp3, createExp3S } from "../../src/bandit/index.js";

const arms = ["a", "b", "c"];

describe("createExp3", () => {
  it("has the hand value Δ ln w = γ x / (p K) = 0.1 for K = 2, γ = 0.1, x = 1", () => {
    const bandit = createExp3({ arms: ["a", "b"], seed: 1 });
    expect(Array.from(bandit.probabilities())).toEqual([0.5, 0.5]);
    const [ticket] = bandit.ask();
    bandit.tell([{ ticket: ticket!.id, signal: 1 }]);
    const played = bandit.arms.indexOf(ticket!.task);
    expect(bandit.values()[played]! - bandit.values()[1 - played]!).toBeCloseTo(0.1, 15);
    expect(bandit.probabilities()[played]).toBeCloseTo(0.9 / (1 + Math.exp(-0.1)) + 0.05, 15);
  });

  it("weights late results by the probability of their own ticket, whatever was told since", () => {
    const bandit = createExp3({ arms, seed: 1, exploration: 0.3 });
    const [late, ...others] = bandit.ask(30);
    for (const { id } of others) bandit.tell([{ ticket: id, signal: 1 }]);
    const k = arms.indexOf(late!.task);
    const other = (k + 1) % 3;
    const gap = () => bandit.values()[k]! - bandit.values()[other]!;
    const before = gap();
    expect(bandit.probabilities()[k]).not.toBeCloseTo(late!.probability, 3);
    bandit.tell([{ ticket: late!.id, signal: 0.5 }]);
    expect(gap() - before).toBeCloseTo((0.3 * 0.5) / (late!.probability * 3), 12);
  });

  it("expects of an arm just what it pays: Σ p (x / p) = x", () => {
    const pays = [0.2, 0.5, 0.9];
    const bandit = createExp3({ arms, seed: 4, exploration: 0.2 });
    const estimate = [0, 0, 0];
    const draws = 20_000;
    for (let i = 0; i < draws; i++) {
      const [{ id, task, probability }] = bandit.ask() as [ReturnType<typeof bandit.ask>[0]];
      const k = arms.indexOf(task);
      estimate[k]! += pays[k]! / probability;
      bandit.tell([{ ticket: id, signal: pays[k]! }]);
    }
    // x̂ has variance below x²/p ≤ 1/p, p ≥ γ/K = 1/15.
    estimate.forEach((sum, k) => {
      expect(Math.abs(sum / draws - pays[k]!)).toBeLessThan(4 * Math.sqrt(15 / draws));
    });
  });

  it("sets γ from the horizon", () => {
    const gamma = Math.sqrt((3 * Math.log(3)) / ((Math.E - 1) * 500));
    const [known, given] = [
      createExp3({ arms, seed: 1, horizon: 500 }),
      createExp3({ arms, seed: 1, exploration: gamma }),
    ];
    for (const bandit of [known, given])
      for (let t = 0; t < 50; t++) bandit.tell([{ ticket: bandit.ask()[0]!.id, signal: 1 }]);
    expect(known.values()).toEqual(given.values());
    expect(Array.from(createExp3({ arms, seed: 1, horizon: 1 }).probabilities())).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(createExp3({ arms: ["a"], seed: 1, horizon: 9 }).ask()[0]!.probability).toBe(1);
  });

  it("does not overflow, however long one arm wins", () => {
    const bandit = createExp3({ arms, seed: 1, exploration: 1 });
    for (let t = 0; t < 3000; t++)
      bandit.tell(bandit.ask(4).map(({ id, task }) => ({ ticket: id, signal: task === "a" ? 1 : 0 })));
    expect(bandit.values()[0]).toBe(0);
    expect(bandit.values()[1]).toBeLessThan(-3000);
    expect(Array.from(bandit.values()).every(Number.isFinite)).toBe(true);
  });
});

describe("createExp3S", () => {
  const run = (bandit: ReturnType<typeof createExp3S>, seed: number, step?: (x: number[], p: number[]) => void) => {
    const rng = createRng(seed);
    for (let t = 0; t < 60; t++) {
      const x = [0, 0, 0];
      bandit.tell(
        bandit.ask(1 + rng.int(3)).map(({ id, task, probability }) => {
          const signal = rng.float();
          x[arms.indexOf(task)]! += signal / probability;
          return { ticket: id, signal };
        }),
      );
      step?.(x, Array.from(bandit.probabilities()));
    }
  };

  it("without sharing equals Exp3", () => {
    const [shared, plain] = [createExp3S({ arms, seed: 7, sharing: 0 }), createExp3({ arms, seed: 7 })];
    run(shared, 1);
    run(plain, 1);
    expect(shared.values()).toEqual(plain.values());
    expect(shared.probabilities()).toEqual(plain.probabilities());
  });

  it("in logarithms equals w ← w exp(γ x̂ / K) + (e α / K) Σ w", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 1e-6, max: 1, noNaN: true }), (seed, alpha) => {
        let w = [1, 1, 1];
        run(createExp3S({ arms, seed, exploration: 0.25, sharing: alpha }), seed, (x, p) => {
          const total = w.reduce((a, b) => a + b);
          w = w.map((weight, k) => weight * Math.exp((0.25 * x[k]!) / 3) + ((Math.E * alpha) / 3) * total);
          const sum = w.reduce((a, b) => a + b);
          p.forEach((chance, k) => {
            expect(chance).toBeCloseTo(0.75 * (w[k]! / sum) + 0.25 / 3, 10);
          });
          w = w.map((weight) => weight / sum);
        });
      }),
      { numRuns: 20 },
    );
  });
});
