import { clopperPearson, wilson } from "@x/metrics/stats";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stats.json" with { type: "json" };

/** Probability that the interval of X ~ Binomial(n, p) holds p. */
function coverage(interval: typeof wilson, n: number, p: number): number {
  let covered = 0;
  let probability = (1 - p) ** n;
  for (let k = 0; k <= n; k++) {
    const { low, high } = interval(k, n);
    if (low <= p && p <= high) covered += probability;
    probability *= ((n - k) / (k + 1)) * (p / (1 - p));
  }
  return covered;
}

describe("wilson", () => {
  it("equals SciPy", () => {
    for (const { successes, trials, level, wilson: expected } of fixtures.proportions) {
      const found = wilson(successes, trials, { level });
      expectClose([found.low, found.high], expected, { atol: 1e-12 });
      expect(found).toMatchObject({ point: successes / trials, level });
    }
  });

  it("covers on average what it promises", () => {
    let sum = 0;
    for (let i = 1; i < 100; i++) sum += coverage(wilson, 20, i / 100) / 99;
    expectClose(sum, 0.95, { atol: 0.01 });
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => wilson(3, 2), { argument: "successes", value: 3 });
    expectValueError(() => wilson(-1, 2), { argument: "successes", value: -1 });
    expectValueError(() => wilson(0, 0), { argument: "trials", value: 0 });
    expectValueError(() => wilson(0.5, 2), { argument: "successes", value: 0.5 });
    expectValueError(() => wilson(1, 2, { level: 0 }), { argument: "level", value: 0 });
  });
});

describe("clopperPearson", () => {
  it("equals SciPy", () => {
    for (const { successes, trials, level, clopperPearson: expected } of fixtures.proportions) {
      const { low, high } = clopperPearson(successes, trials, { level });
      expectClose([low, high], expected, { atol: 1e-11 });
    }
  });

  it("never covers less than it promises", () => {
    for (const n of [1, 7, 20])
      for (let i = 1; i < 50; i++) expect(coverage(clopperPearson, n, i / 50)).toBeGreaterThanOrEqual(0.95);
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => clopperPearson(3, 2), { argument: "successes", value: 3 });
    expectValueError(() => clopperPearson(1, 2, { level: 1.5 }), { argument: "level", value: 1.5 });
  });
});
