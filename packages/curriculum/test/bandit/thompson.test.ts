import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestArmProbabilities } from "../../src/bandit/best-arm.js";
import { type Bandit, createThompson } from "../../src/bandit/index.js";
import { betaOrder } from "./beta-order.js";

const arms = ["a", "b"];

/** Tells signals of the asked arms and gives back those of each arm with the step of telling. */
function feed(bandit: Bandit, steps: number, signal: () => number): { x: number; step: number }[][] {
  const told: { x: number; step: number }[][] = bandit.arms.map(() => []);
  for (let step = 0; step < steps; step++)
    bandit.tell(
      bandit.ask(2).map(({ id, task }) => {
        const x = signal();
        told[bandit.arms.indexOf(task)]!.push({ x, step });
        return { ticket: id, signal: x };
      }),
    );
  return told;
}

describe("createThompson with a beta posterior", () => {
  it("believes Beta(1 + s, 1 + f) after s successes and f failures, and draws the arm that is better by that", () => {
    for (let seed = 0; seed < 5; seed++) {
      const bandit = createThompson({ arms, seed });
      const rng = createRng(seed);
      const [a, b] = feed(bandit, 8, () => rng.int(2)).map((own) => {
        const successes = own.filter(({ x }) => x === 1).length;
        return [1 + successes, 1 + own.length - successes] as const;
      }) as [readonly [number, number], readonly [number, number]];
      expect(Array.from(bandit.values())).toEqual([a[0] / (a[0] + a[1]), b[0] / (b[0] + b[1])]);
      expect(bandit.probabilities()[0]).toBeCloseTo(betaOrder(...a, ...b), 5);
    }
  });

  it("counts fractions, and forgets towards the prior", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.2, max: 1, noNaN: true }), (seed, discount) => {
        const bandit = createThompson({ arms, seed, discount, prior: { successes: 2, failures: 0.5 } });
        const rng = createRng(seed);
        feed(bandit, 20, () => rng.float()).forEach((own, k) => {
          const sum = (of: (x: number) => number) =>
            own.reduce((s, { x, step }) => s + of(x) * discount ** (19 - step), 0);
          const a = 2 + sum((x) => x);
          expect(bandit.values()[k]).toBeCloseTo(a / (a + 0.5 + sum((x) => 1 - x)), 12);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("marks a ticket with the chance of its arm once the dice are cast", () => {
    const bandit = createThompson({ arms, seed: 1, epsilonUniform: 0.2 });
    const chances = new Set(bandit.ask(100).map(({ probability }) => probability.toFixed(12)));
    expect(chances).toEqual(new Set([(0.9).toFixed(12), (0.1).toFixed(12)]));
    expect(bandit.probabilities()[0]).toBeCloseTo(0.5, 6);
  });

  it("does not favour the first arm where beta variates round to 1", () => {
    const bandit = createThompson({ arms, seed: 1, prior: { successes: 0.001, failures: 0.001 } });
    const first = bandit.ask(2000).filter(({ task }) => task === "a").length;
    // Four standard errors around one half.
    expect(Math.abs(first - 1000)).toBeLessThan(4 * Math.sqrt(500));
  });
});

describe("createThompson with a gaussian posterior", () => {
  it("holds the normal-inverse-gamma posterior of discounted results", () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.2, max: 1, noNaN: true }), (seed, discount) => {
        const prior = { mean: 2, strength: 0.5, shape: 3, rate: 1.5 };
        const bandit = createThompson({ arms, seed, posterior: "gaussian", discount, prior });
        const rng = createRng(seed);
        const data = () => bandit.toJSON().data as { n: number[]; mean: number[]; squares: number[] };
        feed(bandit, 15, () => 1000 + rng.normal()).forEach((own, k) => {
          const worth = own.map(({ step }) => discount ** (14 - step));
          const n = worth.reduce((a, b) => a + b, 0);
          const total = own.reduce((sum, { x }, i) => sum + worth[i]! * x, 0);
          expect(data().n[k]).toBeCloseTo(n, 10);
          expect(bandit.values()[k]).toBeCloseTo((0.5 * 2 + total) / (0.5 + n), 8);
          if (own.length === 0) return;
          const squares = own.reduce((sum, { x }, i) => sum + worth[i]! * (x - total / n) ** 2, 0);
          expect(data().squares[k]).toBeCloseTo(squares, 8);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("is as sure as its results agree: Student's t of 2α degrees of freedom around μ, scale √(β/(α κ))", () => {
    const bandit = createThompson({ arms, seed: 3, posterior: "gaussian" });
    const rng = createRng(4);
    const beliefs = feed(bandit, 6, () => 0.5 + 2 * rng.normal()).map((own) => {
      const [n, mean] = [own.length, own.reduce((sum, { x }) => sum + x, 0) / own.length];
      const squares = own.reduce((sum, { x }) => sum + (x - mean) ** 2, 0);
      const [kappa, alpha] = [1 + n, 1 + n / 2];
      const beta = 1 + squares / 2 + (n * mean ** 2) / (2 * kappa);
      const [centre, width] = [(n * mean) / kappa, Math.sqrt(beta / (alpha * kappa))];
      const logDensity = (x: number) =>
        -((2 * alpha + 1) / 2) * Math.log(1 + ((x - centre) / width) ** 2 / (2 * alpha));
      return { centre, width, logDensity };
    });
    const p = new Float64Array(2);
    bestArmProbabilities(beliefs, p);
    expect(bandit.probabilities()[0]).toBeCloseTo(p[0]!, 9);
  });

  it("draws from Student's t: two arms of 2 α₀ = 1 degree of freedom differ by a Cauchy variate", () => {
    const prior = { mean: 0, strength: 1, shape: 0.5, rate: 0.5 };
    const bandit = createThompson({ arms, seed: 1, posterior: "gaussian", prior });
    expect(bandit.probabilities()[0]).toBeCloseTo(0.5, 6);
    // One signal x of arm a: κ = 2, μ = x/2, α = 1, β = ½ + x²/4; a tells from b by a t of 2 degrees of freedom against one of 1.
    const tickets = bandit.ask(50);
    const { id } = tickets.find(({ task }) => task === "a")!;
    bandit.tell([{ ticket: id, signal: 4 }]);
    const [mu, scale] = [2, Math.sqrt(4.5 / 2)];
    // P(a > b) = E[½ + arctan(a)/π] over a = mu + scale · t₂, t₂ = (2u − 1) / √(2u(1 − u)), by the midpoint rule.
    const steps = 200_000;
    let expected = 0;
    for (let i = 0; i < steps; i++) {
      const u = (i + 0.5) / steps;
      expected += (0.5 + Math.atan(mu + (scale * (2 * u - 1)) / Math.sqrt(2 * u * (1 - u))) / Math.PI) / steps;
    }
    expect(bandit.probabilities()[0]).toBeCloseTo(expected, 5);
  });

  it("finds the better of two noisy arms whatever the unit", () => {
    const prior = { mean: 1e6, rate: 1e4 };
    const bandit = createThompson({ arms, seed: 1, posterior: "gaussian", prior, signal: "reward" });
    const rng = createRng(2);
    for (let t = 0; t < 400; t++)
      bandit.tell(
        bandit
          .ask()
          .map(({ id, task }) => ({ ticket: id, signal: 1e6 + (task === "b" ? 500 : 0) + 100 * rng.normal() })),
      );
    expect(bandit.diagnostics.counts[1]).toBeGreaterThan(350);
    expect(bandit.probabilities().every(Number.isFinite)).toBe(true);
  });
});
