import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { type Bandit, createEpsilonGreedy, createExp3, createSec, createThompson } from "../../src/bandit/index.js";
import { betaOrder } from "./beta-order.js";

const [T, means] = [6, [0.3, 0.7]] as const;

/** A bandit of two arms written as pure functions: the chance of arm 0, and what becomes of the state. */
interface Model<S> {
  start: S;
  first(state: S): number;
  next(state: S, arm: 0 | 1, x: number, p: number): S;
}

/** The expected regret of T plays: the sum over all 4ᵀ paths of choices and outcomes. */
function exactRegret<S>({ start, first, next }: Model<S>): number {
  const from = (state: S, left: number): number => {
    if (left === 0) return 0;
    const p0 = first(state);
    let sum = 0;
    for (const arm of [0, 1] as const)
      for (const x of [0, 1]) {
        const p = arm === 0 ? p0 : 1 - p0;
        const chance = p * (x === 1 ? means[arm] : 1 - means[arm]);
        if (chance > 0) sum += chance * (0.7 - means[arm] + from(next(state, arm, x, p), left - 1));
      }
    return sum;
  };
  return from(start, T);
}

type Pair = readonly [number, number];
const set = (pair: Pair, arm: 0 | 1, value: number): Pair => (arm === 0 ? [value, pair[1]] : [pair[0], value]);
const logistic = (z: number) => 1 / (1 + Math.exp(-z));
const greedy = ([a, b]: Pair, epsilon: number) => (a > b ? 1 - epsilon / 2 : a < b ? epsilon / 2 : 0.5);

const cases: readonly [string, number, (seed: number) => Bandit][] = [
  [
    "SEC",
    exactRegret<Pair>({
      start: [0, 0],
      first: ([a, b]) => logistic((a - b) / 0.3),
      next: (q, arm, x) => set(q, arm, 0.5 * q[arm] + 0.5 * x),
    }),
    (seed) => createSec({ arms: ["a", "b"], seed, temperature: 0.3 }),
  ],
  [
    "SEC with decay",
    exactRegret<Pair>({
      start: [0, 0],
      first: ([a, b]) => logistic((a - b) / 0.3),
      next: ([a, b], arm, x) => set([0.6 * a, 0.6 * b], arm, 0.6 * [a, b][arm]! + 0.4 * x),
    }),
    (seed) => createSec({ arms: ["a", "b"], seed, temperature: 0.3, learningRate: 0.4, unobserved: "decay" }),
  ],
  [
    "Exp3",
    exactRegret<Pair>({
      start: [0, 0],
      first: ([a, b]) => 0.6 * logistic(a - b) + 0.2,
      next: (w, arm, x, p) => set(w, arm, w[arm] + (0.4 * x) / p / 2),
    }),
    (seed) => createExp3({ arms: ["a", "b"], seed, exploration: 0.4 }),
  ],
  [
    "ε-greedy by averages",
    exactRegret<{ n: Pair; s: Pair }>({
      start: { n: [0, 0], s: [0, 0] },
      first: ({ n, s }) => greedy([n[0] && s[0] / n[0], n[1] && s[1] / n[1]], 0.2),
      next: ({ n, s }, arm, x) => ({ n: set(n, arm, n[arm] + 1), s: set(s, arm, s[arm] + x) }),
    }),
    (seed) => createEpsilonGreedy({ arms: ["a", "b"], seed, epsilon: 0.2, learningRate: "average" }),
  ],
  [
    "ε-greedy with a constant step",
    exactRegret<Pair>({
      start: [0, 0],
      first: (q) => greedy(q, 0.2),
      next: (q, arm, x) => set(q, arm, q[arm] + 0.25 * (x - q[arm])),
    }),
    (seed) => createEpsilonGreedy({ arms: ["a", "b"], seed, epsilon: 0.2, learningRate: 0.25 }),
  ],
  [
    "Thompson",
    exactRegret<{ s: Pair; f: Pair }>({
      start: { s: [1, 1], f: [1, 1] },
      first: ({ s, f }) => betaOrder(s[0], f[0], s[1], f[1]),
      next: ({ s, f }, arm, x) => ({ s: set(s, arm, s[arm] + x), f: set(f, arm, f[arm] + 1 - x) }),
    }),
    (seed) => createThompson({ arms: ["a", "b"], seed }),
  ],
];

describe("the expected regret of six plays of two arms", () => {
  it.each(cases)("by %s is that of all paths, weighted by their probability", (_, expected, create) => {
    const runs = 8000;
    let [sum, squares] = [0, 0];
    for (let seed = 0; seed < runs; seed++) {
      const bandit = create(seed);
      const world = createRng(`pays ${seed}`);
      let regret = 0;
      for (let t = 0; t < T; t++) {
        const [{ id, task }] = bandit.ask() as [ReturnType<Bandit["ask"]>[0]];
        const mean = task === "a" ? 0.3 : 0.7;
        regret += 0.7 - mean;
        bandit.tell([{ ticket: id, signal: world.float() < mean ? 1 : 0 }]);
      }
      sum += regret;
      squares += regret * regret;
    }
    const mean = sum / runs;
    // Four standard errors: one false alarm in 16,000.
    expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt((squares / runs - mean * mean) / runs));
  });
});
