import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestSplit,
  createRegion,
  pathTo,
  type Region,
  type SplitRule,
  windowProgress,
} from "../../src/continuous/region.js";
import { expectClose } from "../expect-close.js";

const square = { low: [0, 0], high: [1, 2] };
const rule: SplitRule = { window: 100, attempts: 50, minSize: 5, minSides: [0.1, 0.2], sized: true };

/** A square with `n` random tasks and rewards. */
function filled(seed: number, n: number): Region {
  const rng = createRng(seed);
  const tasks = Array.from({ length: n }, () => [rng.float(), 2 * rng.float()]);
  return createRegion(
    square,
    tasks,
    tasks.map(() => rng.normal()),
    rule.window,
  );
}

describe("windowProgress", () => {
  it.each<[number[], number, number]>([
    [[], 10, 0],
    [[1, 9], 10, 0],
    [[0, 0, 3], 10, 3],
    [[1, 2, 3, 4], 10, 2],
    [[1, 2, 3, 4, 10], 10, 5], // older half 1 2 3, newer half 4 10
    [[99, 99, 1, 1, 5, 5], 4, 4],
    [[5, 5, 1, 1], 4, 4],
  ])("of %j within %i is %d", (rewards, window, expected) => {
    expectClose(windowProgress(rewards, window), expected, { rtol: 1e-15 });
  });
});

describe("bestSplit", () => {
  it("shares out the results and the box between the halves", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const region = filled(seed, 60);
        const { axis, at, halves } = bestSplit(region, rule, createRng(seed))!;
        const pairs = (of: Region) => of.tasks.map((task, i) => ({ task, reward: of.rewards[i]! }));
        const joint = halves.flatMap(pairs);
        expect(joint.length).toBe(60);
        expect(new Set(joint.map(({ task }) => task))).toEqual(new Set(region.tasks));
        // Every half keeps the order of time, and each reward its task.
        for (const half of halves)
          expect(pairs(half)).toEqual(pairs(region).filter(({ task }) => half.tasks.includes(task)));
        expect(halves[0].tasks.every((task) => task[axis]! <= at)).toBe(true);
        expect(halves[1].tasks.every((task) => task[axis]! > at)).toBe(true);
        expect([halves[0].low, halves[0].high[axis], halves[1].low[axis], halves[1].high]).toEqual([
          square.low,
          at,
          at,
          square.high,
        ]);
        for (const half of halves) {
          expect(half.rewards.length).toBeGreaterThanOrEqual(rule.minSize);
          expect(half.high[axis]! - half.low[axis]!).toBeGreaterThanOrEqual(rule.minSides[axis]!);
          expect(half.progress).toBe(windowProgress(half.rewards, rule.window));
        }
      }),
    );
  });

  it.each([true, false])("takes the cut of the highest score, sized: %s", (sized) => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const region = filled(seed, 40);
        const rng = createRng(seed);
        let highest = -1;
        let expected: unknown;
        for (let attempt = 0; attempt < rule.attempts; attempt++) {
          const axis = rng.int(2);
          const at = square.high[axis]! * rng.float();
          const [a, b] = [true, false].map((side) =>
            region.rewards.filter((_, i) => region.tasks[i]![axis]! <= at === side),
          );
          const fits =
            Math.min(a!.length, b!.length) >= 5 && Math.min(at, square.high[axis]! - at) >= rule.minSides[axis]!;
          const difference = Math.abs(windowProgress(a!, 100) - windowProgress(b!, 100));
          // The official code's score is 2 · 2 · difference: the same order as the difference.
          const score = difference * (sized ? a!.length * b!.length : 4);
          if (fits && score > highest) {
            highest = score;
            expected = { axis, at };
          }
        }
        expect(bestSplit(region, { ...rule, sized }, createRng(seed))).toMatchObject(expected as object);
      }),
    );
  });

  it("ends without a cut when none is fit", () => {
    const point = createRegion(square, new Array(50).fill([0.5, 0.5]), new Array(50).fill(1), 100);
    expect(bestSplit(point, rule, createRng(1))).toBeUndefined();
    expect(bestSplit(filled(1, 50), { ...rule, minSize: 26 }, createRng(1))).toBeUndefined();
    expect(bestSplit(filled(1, 50), { ...rule, minSides: [0.51, 1.01] }, createRng(1))).toBeUndefined();
  });
});

describe("pathTo", () => {
  it("goes from the root to the leaf of the task, tasks on a cut to the left", () => {
    const part = (split?: Region["split"]) => ({ ...createRegion(square, [], [], 1), ...(split && { split }) });
    const regions = [part({ axis: 0, at: 0.5, left: 1 }), part(), part({ axis: 1, at: 1, left: 3 }), part(), part()];
    expect(pathTo(regions, [0.5, 2])).toEqual([0, 1]);
    expect(pathTo(regions, [0.6, 1])).toEqual([0, 2, 3]);
    expect(pathTo(regions, [0.6, 1.1])).toEqual([0, 2, 4]);
  });
});
