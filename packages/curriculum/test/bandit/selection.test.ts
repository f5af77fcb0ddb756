import { ConfigError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSelection, epsilonGreedy, softmax } from "../../src/bandit/selection.js";

const defaults = { method: "boltzmann", temperature: 1, epsilon: 0.1 } as const;

function chances(select: (values: Float64Array, p: Float64Array) => void, values: readonly number[]): number[] {
  const p = new Float64Array(values.length);
  select(Float64Array.from(values), p);
  return Array.from(p);
}
const boltzmann = (values: readonly number[], temperature: number) =>
  chances((v, p) => softmax(v, temperature, p), values);

describe("softmax", () => {
  it.each([1, 2, 3, 7, 60])("of %i equal values is exactly 1/K each", (K) => {
    expect(boltzmann(new Array(K).fill(0.3), 0.2)).toEqual(new Array(K).fill(1 / K));
  });

  it("equals exp(v/τ) over its sum and does not mind a shift", () => {
    const values = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        values,
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        fc.integer({ min: -9, max: 9 }),
        (v, tau, c) => {
          const sum = v.reduce((total, x) => total + Math.exp(x / tau), 0);
          const p = boltzmann(v, tau);
          const shifted = boltzmann(
            v.map((x) => x + c),
            tau,
          );
          p.forEach((chance, k) => {
            expect(chance).toBeCloseTo(Math.exp(v[k]! / tau) / sum, 12);
            expect(shifted[k]).toBeCloseTo(chance, 12);
          });
        },
      ),
    );
  });

  it("is uniform when hot, the largest when cold, and never NaN", () => {
    expect(boltzmann([0, 1, 2], 1e9)[0]).toBeCloseTo(1 / 3, 8);
    expect(boltzmann([0, 1, 2], 1e-9)).toEqual([0, 0, 1]);
    expect(boltzmann([1e6, 0, -1e6], 1)).toEqual([1, 0, 0]);
    expect(boltzmann([1e100, -1e100], Number.MIN_VALUE)).toEqual([1, 0]);
  });
});

describe("epsilonGreedy", () => {
  it("shares the greedy part among equal values and ε among all", () => {
    const p = chances((v, p) => epsilonGreedy(v, 0.2, p), [1, 3, 3, 0]);
    [0.05, 0.45, 0.45, 0.05].forEach((chance, k) => {
      expect(p[k]).toBeCloseTo(chance, 15);
    });
  });

  it("knows infinity as the largest, and may write where it reads", () => {
    const p = Float64Array.of(1, Infinity, 2, Infinity);
    epsilonGreedy(p, 0, p);
    expect(Array.from(p)).toEqual([0, 0.5, 0, 0.5]);
  });
});

describe("createSelection", () => {
  it("of method normalized divides by the sum, no value below 0.01", () => {
    const { select, own } = createSelection("t", { method: "normalized" }, defaults);
    expect(chances(select, [0.3, -5, 0.69])).toEqual([0.3, 0.01, 0.69].map((v) => v / (0.3 + 0.01 + 0.69)));
    expect(own).toEqual({ method: "normalized" });
  });

  it("fills in what its method uses and nothing else", () => {
    expect(createSelection("t", {}, defaults).own).toEqual({ method: "boltzmann", temperature: 1 });
    const { own, select } = createSelection("t", { method: "epsilon-greedy", epsilon: 0.5 }, defaults);
    expect(own).toEqual({ method: "epsilon-greedy", epsilon: 0.5 });
    expect(chances(select, [1, 0])).toEqual([0.75, 0.25]);
  });

  it("refuses an option of another method", () => {
    expect(() => createSelection("t", { method: "normalized", temperature: 2 }, defaults)).toThrow(
      't: temperature belongs to method "boltzmann", got 2 with "normalized"',
    );
    expect(() => createSelection("t", { epsilon: 0.2 }, defaults)).toThrow(ConfigError);
  });
});
