import { createRng, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { logOddsVariate } from "../../src/bandit/draw.js";
import { drawBeta, drawGamma } from "../../src/bandit/index.js";

/** Kolmogorov's statistic √n · sup |F_n − F| of n draws; above 2.23 once in 10,000. */
function kolmogorov(draw: () => number, cdf: (x: number) => number): number {
  const n = 60_000;
  const x = Float64Array.from({ length: n }, draw).sort();
  let distance = 0;
  x.forEach((value, i) => {
    const F = cdf(value);
    distance = Math.max(distance, F - i / n, (i + 1) / n - F);
  });
  return Math.sqrt(n) * distance;
}

/** P(X ≤ x) of Gamma(k), k an integer: 1 − e⁻ˣ Σ_{i<k} xⁱ/i! */
function erlang(k: number) {
  return (x: number) => {
    let [term, sum] = [1, 1];
    for (let i = 1; i < k; i++) {
      term *= x / i;
      sum += term;
    }
    return 1 - Math.exp(-x) * sum;
  };
}

/** P(X ≤ x) of Gamma(½): erf(√x) = 2/√π e⁻ˣ √x Σ (2x)ⁱ / (1·3·…·(2i+1)) */
function gammaHalf(x: number): number {
  let [term, sum] = [1, 1];
  for (let i = 1; i < 20 + 10 * x; i++) {
    term *= (2 * x) / (2 * i + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x) * Math.sqrt(x) * sum;
}

/** P(X ≤ x) of Beta(a, b), integers: the chance of a or more successes in a + b − 1 trials. */
function betaCdf(a: number, b: number) {
  return (x: number) => {
    const n = a + b - 1;
    let [term, sum] = [(1 - x) ** n, 0];
    for (let j = 0; j <= n; j++) {
      if (j >= a) sum += term;
      term *= ((n - j) / (j + 1)) * (x / (1 - x));
    }
    return sum;
  };
}

describe("drawGamma", () => {
  it.each<[number, (x: number) => number]>([
    [0.5, gammaHalf],
    [1, erlang(1)],
    [2, erlang(2)],
    [7, erlang(7)],
    [60, erlang(60)],
  ])("of shape %d passes Kolmogorov's test", (shape, cdf) => {
    const rng = createRng(`gamma ${shape}`);
    expect(kolmogorov(() => drawGamma(rng, shape), cdf)).toBeLessThan(2.23);
  });

  it.each([0, -1, Number.NaN, Infinity])("refuses shape %s", (shape) => {
    expect(() => drawGamma(createRng(1), shape)).toThrow(expect.objectContaining({ argument: "shape", value: shape }));
  });
});

describe("drawBeta", () => {
  it.each<[number, number, (x: number) => number]>([
    [1, 1, (x) => x],
    [3, 5, betaCdf(3, 5)],
    [80, 40, betaCdf(80, 40)],
    [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [0.05, 1, (x) => x ** 0.05],
    [1, 7, (x) => 1 - (1 - x) ** 7],
  ])("of (%d, %d) passes Kolmogorov's test", (a, b, cdf) => {
    const rng = createRng(`beta ${a} ${b}`);
    expect(kolmogorov(() => drawBeta(rng, a, b), cdf)).toBeLessThan(2.23);
  });

  it("stays in [0, 1] where its gammas underflow, and its log-odds stay apart", () => {
    const rng = createRng(1);
    const odds = new Set<number>();
    for (let i = 0; i < 1000; i++) {
      const x = drawBeta(rng, 1e-4, 1e-4);
      expect(x >= 0 && x <= 1).toBe(true);
      odds.add(logOddsVariate(rng, 1e-4, 1e-4));
    }
    expect(odds.size).toBe(1000);
  });

  it("refuses parameters that are not positive", () => {
    expect(() => drawBeta(createRng(1), 0, 1)).toThrow(ValueError);
    expect(() => drawBeta(createRng(1), 1, Number.NaN)).toThrow(expect.objectContaining({ argument: "b" }));
  });
});
