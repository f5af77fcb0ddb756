import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { plusPlus } from "../../src/cluster/plus-plus.js";

describe("plusPlus", () => {
  it("draws the second of two centroids of three rows as often as the greedy D² rule says", () => {
    // Rows 0, 1, 3 with trials = 2 + ⌊ln 2⌋ = 2. After the first centroid: draw two candidates ∝ D², keep the better.
    const rows = [0, 1, 3];
    const expected = new Map<string, number>();
    for (const first of rows) {
      const weights = rows.map((x) => (x - first) ** 2);
      const total = weights.reduce((a, b) => a + b, 0);
      const inertia = (second: number) => rows.reduce((s, x) => s + Math.min((x - first) ** 2, (x - second) ** 2), 0);
      rows.forEach((a, i) => {
        rows.forEach((b, j) => {
          const probability = ((1 / 3) * weights[i]! * weights[j]!) / total ** 2;
          const key = `${first},${inertia(b) < inertia(a) ? b : a}`;
          expected.set(key, (expected.get(key) ?? 0) + probability);
        });
      });
    }
    const rng = createRng(11);
    const draws = 20_000;
    const seen = new Map<string, number>();
    for (let k = 0; k < draws; k++) {
      const key = Array.from(plusPlus(rows, 1, 2, rng.split(`${k}`))).join(",");
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
    let chiSquared = 0;
    for (const [key, probability] of expected)
      if (probability > 0) chiSquared += ((seen.get(key) ?? 0) - probability * draws) ** 2 / (probability * draws);
    expect([...seen.keys()].every((key) => expected.get(key)! > 0)).toBe(true);
    expect(chiSquared).toBeLessThan(20.5); // 5 degrees of freedom, false alarm 1e-3
  });

  it("takes every distinct row once before it repeats one", () => {
    const rows = [4, 4, 7, 9, 9, 9];
    for (let seed = 0; seed < 50; seed++)
      expect(Array.from(plusPlus(rows, 1, 3, createRng(seed))).sort()).toEqual([4, 7, 9]);
    expect(new Set(plusPlus(rows, 1, 6, createRng(0)))).toEqual(new Set([4, 7, 9]));
  });
});
