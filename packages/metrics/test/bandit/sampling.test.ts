import { coverage, jensenShannonDistance, masteredShare, samplingEntropy } from "@x/metrics/bandit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/rl.json" with { type: "json" };

const weights = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 4 })
  .filter((list) => list.some((weight) => weight > 0));

describe("samplingEntropy", () => {
  it("equals the definition and does not change with the scale", () => {
    const expected = -(0.5 * Math.log(0.5) + 0.3 * Math.log(0.3) + 0.2 * Math.log(0.2));
    expectClose(samplingEntropy([5, 3, 2, 0]), expected, { rtol: 1e-14 });
    expectClose(samplingEntropy([50, 30, 20, 0]), expected, { rtol: 1e-14 });
  });

  it("is 0 for a single arm and log K for all alike", () => {
    expect(samplingEntropy(Int32Array.of(0, 7))).toBe(0);
    expectClose(samplingEntropy([3, 3, 3]), Math.log(3), { rtol: 1e-15 });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => samplingEntropy([]), { argument: "pulls", value: 0 });
    expectValueError(() => samplingEntropy([1, -1]), { argument: "pulls", index: 1, value: -1 });
    expectValueError(() => samplingEntropy([1, Number.NaN]), { argument: "pulls", index: 1, value: Number.NaN });
    expectValueError(() => samplingEntropy([0, 0]), { argument: "pulls", value: 0 });
  });
});

describe("coverage", () => {
  it("is the share of cells with enough visits", () => {
    expect(coverage([0, 1, 5, 0])).toBe(0.5);
    expect(coverage([0, 1, 5, 0], { minimum: 2 })).toBe(0.25);
    expect(coverage([0])).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => coverage([]), { argument: "visits", value: 0 });
    expectValueError(() => coverage([1, -2]), { argument: "visits", index: 1, value: -2 });
    expectValueError(() => coverage([1], { minimum: 0 }), { argument: "minimum", value: 0 });
  });
});

describe("masteredShare", () => {
  it("is the share of tasks at or above the threshold", () => {
    expect(masteredShare([0.9, 0.95, 0.2, 1], 0.95)).toBe(0.5);
    expect(masteredShare([0, 0], 0.1)).toBe(0);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => masteredShare([], 0.5), { argument: "successRates", value: 0 });
    expectValueError(() => masteredShare([0.5, 1.5], 0.5), { argument: "successRates", index: 1, value: 1.5 });
    expectValueError(() => masteredShare([0.5], 0), { argument: "threshold", value: 0 });
  });
});

describe("jensenShannonDistance", () => {
  it("equals SciPy", () => {
    for (const { p, q, distance } of fixtures.distances)
      expectClose(jensenShannonDistance(p, q), distance, { atol: 1e-12 });
  });

  it("is 0 for equal distributions and √log 2 for disjoint ones", () => {
    expect(jensenShannonDistance([1, 2], [2, 4])).toBe(0);
    expectClose(jensenShannonDistance([1, 0], [0, 5]), Math.sqrt(Math.LN2), { rtol: 1e-15 });
  });

  it("is a metric", () => {
    fc.assert(
      fc.property(weights, weights, weights, (p, q, r) => {
        const pq = jensenShannonDistance(p, q);
        expectClose(jensenShannonDistance(q, p), pq, { atol: 1e-14 });
        expect(pq).toBeLessThanOrEqual(jensenShannonDistance(p, r) + jensenShannonDistance(r, q) + 1e-7);
      }),
      { seed: 1 },
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => jensenShannonDistance([1, 1], [1]), { argument: "q", value: 1 });
    expectValueError(() => jensenShannonDistance([0], [1]), { argument: "p", value: 0 });
    expectValueError(() => jensenShannonDistance([1], [Number.NaN]), { argument: "q", index: 0 });
  });
});
