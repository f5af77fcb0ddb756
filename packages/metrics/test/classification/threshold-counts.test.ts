import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countByThreshold } from "../../src/classification/threshold-counts.js";

const examples = fc.array(
  fc.record({ y: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: -5, max: 5 }), weight: fc.nat({ max: 8 }) }),
  { minLength: 1, maxLength: 40 },
);

describe("countByThreshold", () => {
  it("counts what is at or above each distinct score, with and without weights", () => {
    fc.assert(
      fc.property(examples, (all) => {
        const scores = all.map(({ score }) => score);
        const positive = Uint8Array.from(all, ({ y }) => y);
        for (const weights of [undefined, all.map(({ weight }) => weight / 4)]) {
          const kept = all.filter((_, i) => weights?.[i] !== 0);
          const thresholds = [...new Set(kept.map(({ score }) => score))].sort((a, b) => b - a);
          const above = (label: number, threshold: number) =>
            kept
              .filter(({ y, score }) => y === label && score >= threshold)
              .reduce((sum, { weight }) => sum + (weights ? weight / 4 : 1), 0);
          expect(countByThreshold(scores, positive, weights)).toEqual({
            thresholds: Float64Array.from(thresholds),
            truePositives: Float64Array.from(thresholds, (threshold) => above(1, threshold)),
            falsePositives: Float64Array.from(thresholds, (threshold) => above(0, threshold)),
          });
        }
      }),
    );
  });

  it("loses nothing of small weights beside a large one", () => {
    const weights = [2 ** 53, ...new Array(1000).fill(0.5)];
    const scores = weights.map((_, i) => -i);
    const { truePositives } = countByThreshold(scores, new Uint8Array(1001).fill(1), weights);
    expect(truePositives.at(-1)! - 2 ** 53).toBe(500);
  });
});
