import { createRng } from "@x/core";
import { bestAtK, passAtK, passHatK, worstAtK } from "@x/metrics/rl";
import { bootstrap } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { meanOverSubsets } from "./subsets.js";

const attempts = (n: number, c: number) => Array.from({ length: n }, (_, i) => i < c);

/** Every n ≤ 9 and n = 12, with every c and k. */
function everyCase(check: (n: number, c: number, k: number) => void): void {
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 12])
    for (let c = 0; c <= n; c++) for (let k = 1; k <= n; k++) check(n, c, k);
}

function binomial(n: number, k: number): bigint {
  let value = 1n;
  for (let i = 0; i < k; i++) value = (value * BigInt(n - i)) / BigInt(i + 1);
  return value;
}

/** a/b to the last digits, for b > 0. */
const ratio = (a: bigint, b: bigint) => Number((a * 10n ** 40n) / b) / 1e40;

const large = [
  [200, 17, 10],
  [1000, 3, 100],
  [1000, 600, 300],
  [5000, 1, 1],
  [5000, 4999, 4998],
] as const;

describe("passAtK", () => {
  it("is the share of all k-subsets that hold a right attempt", () => {
    everyCase((n, c, k) => {
      const expected = meanOverSubsets(attempts(n, c), k, (chosen) => (chosen.some(Boolean) ? 1 : 0));
      expectClose(passAtK(n, c, k), expected, { atol: 1e-14 });
    });
  });

  it("equals exact binomials for many attempts", () => {
    for (const [n, c, k] of large) {
      const all = binomial(n, k);
      expectClose(passAtK(n, c, k), ratio(all - binomial(n - c, k), all), { rtol: 1e-12 });
    }
  });

  it("is exactly 0 without a right attempt and exactly 1 where wrong ones are fewer than k", () => {
    expect(passAtK(10, 0, 10)).toBe(0);
    expect(passAtK(10, 1, 10)).toBe(1);
    expect(passAtK(10, 10, 1)).toBe(1);
  });

  it("is unbiased for the chance of success of k independent attempts", () => {
    const [n, k, p] = [6, 3, 0.3];
    let expected = 0;
    for (let c = 0; c <= n; c++) expected += Number(binomial(n, c)) * p ** c * (1 - p) ** (n - c) * passAtK(n, c, k);
    expectClose(expected, 1 - (1 - p) ** k, { rtol: 1e-13 });
  });

  it("gives the mean of a corpus and its interval through the bootstrap over problems", () => {
    const problems = [0, 3, 8, 1, 8, 5].map((correct) => passAtK(8, correct, 2));
    const { point, low, high } = bootstrap(problems, { seed: 1 });
    expectClose(point, problems.reduce((a, b) => a + b) / 6, { rtol: 1e-15 });
    expect(low).toBeLessThan(point);
    expect(high).toBeGreaterThan(point);
  });

  it("names the argument and value that it refuses", () => {
    const message = "passAtK: k must be an integer in [1, 5], got 6";
    expectValueError(() => passAtK(5, 2, 6), { argument: "k", value: 6, message });
    expectValueError(() => passAtK(5, 2, 0), { argument: "k", value: 0 });
    expectValueError(() => passAtK(5, 6, 1), { argument: "correct", value: 6 });
    expectValueError(() => passAtK(5, Number.NaN, 1), { argument: "correct", value: Number.NaN });
    expectValueError(() => passAtK(0, 0, 1), { argument: "samples", value: 0 });
  });
});

describe("passHatK", () => {
  it("is the share of all k-subsets that hold only right attempts", () => {
    everyCase((n, c, k) => {
      const expected = meanOverSubsets(attempts(n, c), k, (chosen) => (chosen.every(Boolean) ? 1 : 0));
      expectClose(passHatK(n, c, k), expected, { atol: 1e-14 });
    });
  });

  it("equals exact binomials for many attempts", () => {
    for (const [n, c, k] of large)
      expectClose(passHatK(n, c, k), ratio(binomial(c, k), binomial(n, k)), { rtol: 1e-12, atol: 1e-39 });
  });

  it("is exactly 0 where right attempts are fewer than k", () => {
    expect(passHatK(10, 3, 5)).toBe(0);
    expect(passHatK(10, 0, 1)).toBe(0);
  });

  it("mirrors passAtK: all right is none wrong", () => {
    everyCase((n, c, k) => expectClose(passHatK(n, c, k), 1 - passAtK(n, n - c, k), { atol: 1e-14 }));
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => passHatK(5, 2, 6), { argument: "k", value: 6, message: /^passHatK: / });
    expectValueError(() => passHatK(5, -1, 1), { argument: "correct", value: -1 });
  });
});

describe("bestAtK and worstAtK", () => {
  it("are the means over all k-subsets of the largest and the smallest reward", () => {
    const rng = createRng("rewards");
    for (const n of [1, 2, 5, 8, 12])
      for (let k = 1; k <= n; k++) {
        const rewards = Array.from({ length: n }, () => Math.round(8 * rng.normal()) / 4); // with ties
        const best = meanOverSubsets(rewards, k, (chosen) => Math.max(...chosen));
        const worst = meanOverSubsets(rewards, k, (chosen) => Math.min(...chosen));
        expectClose(bestAtK(rewards, k), best, { atol: 1e-13 });
        expectClose(worstAtK(rewards, k), worst, { atol: 1e-13 });
      }
  });

  it("equal passAtK and passHatK for rewards of 0 and 1, also for many attempts", () => {
    for (const [n, c, k] of large) {
      const rewards = Int32Array.from(attempts(n, c), Number);
      expectClose(bestAtK(rewards, k), passAtK(n, c, k), { rtol: 1e-11 });
      expectClose(worstAtK(rewards, k), passHatK(n, c, k), { rtol: 1e-9, atol: 1e-39 });
    }
  });

  it("meet in the mean at k = 1, move apart with k, and mirror each other", () => {
    const list = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(list, (rewards) => {
        const n = rewards.length;
        const negated = rewards.map((r) => -r);
        expectClose(bestAtK(rewards, 1), rewards.reduce((a, b) => a + b) / n, { atol: 1e-10 });
        expectClose(bestAtK(rewards, n), Math.max(...rewards), { atol: 1e-10 });
        for (let k = 1; k <= n; k++) {
          expectClose(worstAtK(rewards, k), -bestAtK(negated, k), { atol: 1e-12 });
          if (k > 1) expect(bestAtK(rewards, k)).toBeGreaterThanOrEqual(bestAtK(rewards, k - 1) - 1e-10);
        }
      }),
      { seed: 7 },
    );
  });

  it("leave the rewards in their order and never give −0", () => {
    const rewards = [3, 1, 2];
    bestAtK(rewards, 2);
    expect(rewards).toEqual([3, 1, 2]);
    expect(worstAtK([0, 0], 1)).toBe(0);
  });

  it("name the argument, index and value that they refuse", () => {
    expectValueError(() => bestAtK([1, 2], 3), { argument: "k", value: 3, message: /^bestAtK: / });
    expectValueError(() => worstAtK([1, 2], 1.5), { argument: "k", value: 1.5, message: /^worstAtK: / });
    expectValueError(() => bestAtK([1, Number.NaN], 1), { argument: "rewards", index: 1, value: Number.NaN });
    expectValueError(() => worstAtK([], 1), { argument: "rewards", value: 0 });
  });
});
