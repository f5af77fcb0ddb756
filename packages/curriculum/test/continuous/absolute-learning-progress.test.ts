import { readFileSync } from "node:fs";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createProgressHistory } from "../../src/continuous/absolute-learning-progress.js";
import { expectClose } from "../expect-close.js";

interface Trace {
  name: string;
  low: number[];
  high: number[];
  limit: number | null;
  tasks: number[][];
  rewards: number[];
  raw: number[];
  scaled: number[];
}
const { traces }: { traces: Trace[] } = JSON.parse(
  readFileSync(new URL("../fixtures/continuous.json", import.meta.url), "utf8"),
);

/** The definition: sort the known tasks by distance, then by age, and take the first. */
function bruteForce(tasks: readonly number[][], rewards: readonly number[], limit: number): number[] {
  return tasks.map((task, t) => {
    const known = tasks
      .slice(0, t)
      .map((other, age) => ({ age, far: other.reduce((sum, x, i) => sum + (x - task[i]!) ** 2, 0) }))
      .slice(-limit);
    const [nearest] = known.sort((a, b) => a.far - b.far || b.age - a.age);
    return known.length > 5 ? Math.abs(rewards[t]! - rewards[nearest!.age]!) : 0;
  });
}

describe("createProgressHistory", () => {
  it.each(traces)(
    "equals an independent NumPy implementation: $name",
    ({ low, high, limit, tasks, rewards, raw, scaled }) => {
      const [plain, unit] = [0, 1].map(() => createProgressHistory(low.length, limit ?? Infinity));
      for (const [t, task] of tasks.entries()) {
        expectClose(plain!.add(task, rewards[t]!), raw[t]!, { atol: 1e-12 });
        const within = task.map((x, i) => (x - low[i]!) / (high[i]! - low[i]!));
        expectClose(unit!.add(within, rewards[t]!), scaled[t]!, { atol: 1e-12 });
      }
      expect(raw).not.toEqual(scaled);
    },
  );

  it("equals brute force on a grid, where tasks come again and distances tie", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(6, 20, Infinity),
        (seed, dim, limit) => {
          const rng = createRng(seed);
          const tasks = Array.from({ length: 150 }, () => Array.from({ length: dim }, () => rng.int(4)));
          const rewards = tasks.map(() => rng.normal());
          const history = createProgressHistory(dim, limit);
          expect(tasks.map((task, t) => history.add(task, rewards[t]!))).toEqual(bruteForce(tasks, rewards, limit));
        },
      ),
    );
  });

  it("is 0 until six tasks are known", () => {
    const history = createProgressHistory(1, Infinity);
    expect([1, 2, 3, 4, 5, 6, 7].map((reward) => history.add([0], reward))).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });

  it("goes on from its JSON, which holds no more than the limit", () => {
    const rng = createRng(1);
    const draws = Array.from({ length: 100 }, () => [rng.float(), rng.float()]);
    const whole = createProgressHistory(1, 10);
    for (const [x, reward] of draws) whole.add([x!], reward!);
    const state = whole.save();
    expect(state.rewards).toEqual(draws.slice(-10).map(([, reward]) => reward));
    const again = createProgressHistory(1, 10, JSON.parse(JSON.stringify(state)));
    for (const [x, reward] of draws) expect(again.add([x!], reward!)).toBe(whole.add([x!], reward!));
    expect(again.save()).toEqual(whole.save());
  });
});
