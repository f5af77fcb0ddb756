import { describe, expect, it } from "vitest";
import { lmConfig, type RopeScaling, ropeFrequencies } from "../src/index.js";

const config = lmConfig({ family: "llama", vocabSize: 9, hidden: 32, layers: 1, heads: 4 });
const frequencies = (theta: number, scaling: RopeScaling | null = null) => [
  ...ropeFrequencies(config, { theta, scaling }),
];

describe("ropeFrequencies", () => {
  it("are powers of theta", () => {
    for (const [j, omega] of frequencies(10_000).entries()) expect(omega).toBeCloseTo([1, 0.1, 0.01, 0.001][j]!, 7);
  });

  it("are divided by the factor of linear scaling", () => {
    for (const [j, omega] of frequencies(10_000, { type: "linear", factor: 4 }).entries())
      expect(omega).toBeCloseTo([1, 0.1, 0.01, 0.001][j]! / 4, 7);
  });

  it("keep short waves, divide long ones and blend between in llama3 scaling", () => {
    // Turns in 1000 positions: 159, 15.9, 1.59, 0.159; the third lies between low 1 and high 4.
    const scaled = frequencies(10_000, {
      type: "llama3",
      factor: 8,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalMaxPositions: 1000,
    });
    const kept = (1000 * 0.01) / (2 * Math.PI) / 3 - 1 / 3;
    const expected = [1, 0.1, 0.01 * (kept + (1 - kept) / 8), 0.001 / 8];
    for (const [j, omega] of scaled.entries()) expect(omega / expected[j]!).toBeCloseTo(1, 6);
  });
});
