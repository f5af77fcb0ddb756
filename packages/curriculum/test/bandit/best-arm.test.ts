import { describe, expect, it } from "vitest";
import { type Belief, bestArmProbabilities } from "../../src/bandit/best-arm.js";
import { betaOrder } from "./beta-order.js";

const normal = (centre: number, width: number): Belief => ({
  centre,
  width,
  logDensity: (x) => -(((x - centre) / width) ** 2) / 2,
});
const cauchy = (centre: number, width: number): Belief => ({
  centre,
  width,
  logDensity: (x) => -Math.log1p(((x - centre) / width) ** 2),
});
const logOdds = (a: number, b: number): Belief => ({
  centre: Math.log(a / b),
  width: Math.sqrt(1 / a + 1 / b),
  logDensity: (z) => a * z - (a + b) * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))),
});

function best(...beliefs: Belief[]): number[] {
  const p = new Float64Array(beliefs.length);
  bestArmProbabilities(beliefs, p);
  return Array.from(p);
}

describe("bestArmProbabilities", () => {
  it.each([1, 2, 3, 10])("of %i arms alike is 1/K each", (K) => {
    for (const chance of best(...Array.from({ length: K }, () => normal(3, 0.2)))) expect(chance).toBeCloseTo(1 / K, 6);
  });

  it("of two normals is Φ(difference / root of the summed variances)", () => {
    // Φ(1) and Φ(2)
    expect(best(normal(5, 3), normal(0, 4))[0]).toBeCloseTo(0.841344746, 6);
    expect(best(normal(2, 1e-4), normal(0, 1))[0]).toBeCloseTo(0.977249868, 6);
  });

  it.each([
    [1, 1, 1, 1],
    [1, 1, 3, 2],
    [12, 5, 9, 6],
    [1, 1, 1000, 900],
    [400, 600, 420, 580],
    [1, 40, 1, 20],
  ])("of Beta(%i, %i) against Beta(%i, %i) equals the closed form", (a, b, c, d) => {
    expect(best(logOdds(a, b), logOdds(c, d))[0]).toBeCloseTo(betaOrder(a, b, c, d), 6);
  });

  it("of two Cauchy densities is ½ + arctan(difference / summed widths) / π", () => {
    for (const [gap, a, b] of [
      [1, 1, 1],
      [100, 1, 3],
      [-5, 0.1, 2],
    ] as const)
      expect(best(cauchy(gap, a), cauchy(0, b))[0]).toBeCloseTo(0.5 + Math.atan(gap / (a + b)) / Math.PI, 5);
  });

  it("knows the winner among arms far apart, and sums to 1", () => {
    expect(best(normal(0, 1e-8), normal(1e6, 1), normal(-1e6, 10))[1]).toBeCloseTo(1, 9);
    expect(best(cauchy(0, 1e-6), cauchy(1e4, 1e-3))[1]).toBeCloseTo(1, 5);
    const p = best(normal(0, 1), normal(0.5, 2), cauchy(1, 0.1), normal(0.2, 0.3));
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
  });
});
