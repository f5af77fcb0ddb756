import { createRng, type Rng } from "@x/core";
import { type Alternative, pairedPermutation } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

const normals = (rng: Rng, n: number) => Array.from({ length: n }, () => rng.normal());

/** Largest distance between the share of p-values ≤ p and p. */
function kolmogorovSmirnov(pValues: number[]): number {
  const sorted = Float64Array.from(pValues).sort();
  return Math.max(...Array.from(sorted, (p, i) => Math.max((i + 1) / sorted.length - p, p - i / sorted.length)));
}

describe("pairedPermutation", () => {
  it("equals SciPy's permutation_test of all sign flips", () => {
    for (const { a, b, difference, pValue } of fixtures.permutation)
      for (const [alternative, p] of Object.entries(pValue)) {
        const found = pairedPermutation(a, b, { alternative: alternative as Alternative });
        expectClose(found.difference, difference, { atol: 1e-12 });
        expectClose(found.pValue, p, { atol: 1e-12 });
        expect(found).toMatchObject({ exact: true, permutations: 2 ** a.length });
      }
  });

  it("counts equal sums as equal in spite of rounding", () => {
    // 0.1 + 0.2 + 0.3 in any order and sign: only all + and all − reach the observed sum.
    expect(pairedPermutation([0.1, 0.2, 0.3], [0, 0, 0]).pValue).toBe(2 / 8);
    // Six equal differences, one negative: as extreme are 0, 1, 5 or 6 negatives: 1 + 6 + 6 + 1 of 64.
    expect(pairedPermutation([0.1, 0.1, 0.1, 0.1, 0.1, 0], [0, 0, 0, 0, 0, 0.1]).pValue).toBe(14 / 64);
  });

  it("is 1 when nothing differs", () => {
    expect(pairedPermutation([1, 2, 3], [1, 2, 3]).pValue).toBe(1);
    expect(pairedPermutation(new Float64Array(30), new Float64Array(30), { reps: 100 }).pValue).toBe(1);
  });

  it("has the same meaning drawn as counted: twenty differences exactly, and with a zero added at random", () => {
    const differences = normals(createRng("same"), 20).map((x) => x + 0.4);
    const exact = pairedPermutation(differences, new Float64Array(20));
    const drawn = pairedPermutation([...differences, 0], new Float64Array(21), { reps: 40_000 });
    expect(exact.exact).toBe(true);
    expect(drawn.exact).toBe(false);
    const standardError = Math.sqrt((exact.pValue * (1 - exact.pValue)) / 40_000);
    expectClose(drawn.pValue, exact.pValue, { atol: 4 * standardError + 1 / 40_000 });
  });

  it("never gives 0 when drawn", () => {
    const found = pairedPermutation(new Float64Array(40).fill(1), new Float64Array(40), { reps: 999 });
    expect(found).toMatchObject({ pValue: 1 / 1000, permutations: 999 });
  });

  for (const n of [12, 25])
    it(`has uniform p-values under the null hypothesis, n = ${n} (Kolmogorov–Smirnov, false alarm 1 %)`, () => {
      const pValues = Array.from({ length: 1000 }, (_, k) => {
        const rng = createRng(`null ${n} ${k}`);
        return pairedPermutation(normals(rng, n), normals(rng, n), { reps: 999, seed: k }).pValue;
      });
      expect(kolmogorovSmirnov(pValues)).toBeLessThan(1.628 / Math.sqrt(1000));
    });

  it("gives identical bits for the same seed", () => {
    const a = normals(createRng(1), 35);
    const b = normals(createRng(2), 35);
    const test = (seed: number) => pairedPermutation(a, b, { seed, reps: 500 });
    expect(test(3)).toEqual(test(3));
    expect(new Set([1, 2, 3, 4, 5].map((seed) => test(seed).pValue)).size).toBeGreaterThan(1);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => pairedPermutation([1], [1, 2]), { argument: "b", value: 2 });
    expectValueError(() => pairedPermutation([], []), { argument: "a", value: 0 });
    expectValueError(() => pairedPermutation([1, Number.NaN], [1, 2]), { argument: "a", index: 1 });
    expectValueError(() => pairedPermutation([1], [2], { reps: 0 }), { argument: "reps", value: 0 });
  });
});
