import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pairCounts } from "../src/pair-counts.js";

describe("pairCounts", () => {
  it("finds the most frequent pair, the lower ids first among equals", () => {
    const pairs = pairCounts();
    pairs.add([5, 6, 5, 6], 0, 1);
    pairs.add([1, 2], 1, 2);
    expect(pairs.best()).toEqual({ left: 1, right: 2, words: new Set([1]) });
    pairs.add([5, 6], 2, 1);
    expect(pairs.best()).toEqual({ left: 5, right: 6, words: new Set([0, 2]) });
  });

  it("forgets pairs that are counted down to nothing", () => {
    const pairs = pairCounts();
    pairs.add([1, 2, 3], 0, 4);
    pairs.add([1, 2, 3], 0, -4);
    expect(pairs.best()).toBeUndefined();
  });

  it("agrees with a recount after any additions and removals", () => {
    const word = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, fc.integer({ min: 1, max: 5 }), fc.boolean()), { maxLength: 20 }),
        (steps) => {
          const pairs = pairCounts();
          const kept: (readonly [readonly number[], number])[] = [];
          steps.forEach(([ids, times, remove], index) => {
            pairs.add(ids, index, times);
            if (remove) {
              pairs.best();
              pairs.add(ids, index, -times);
            } else kept.push([ids, times]);
          });
          const counts = new Map<number, number>();
          for (const [ids, times] of kept)
            for (let i = 0; i + 1 < ids.length; i++) {
              const pair = ids[i]! * 10 + ids[i + 1]!;
              counts.set(pair, (counts.get(pair) ?? 0) + times);
            }
          const [best] = [...counts].sort(([a, x], [b, y]) => y - x || a - b)[0] ?? [];
          const found = pairs.best();
          expect(found && found.left * 10 + found.right).toBe(best);
        },
      ),
      { seed: 2 },
    );
  });
});
