import { ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { type SignalKind, signalOf } from "../../src/teacher/signal.js";

const group = (successes: number, size: number) => Array.from({ length: size }, (_, i) => (i < successes ? 1 : 0));
const signal = (kind: SignalKind, rewards: ArrayLike<number>) => signalOf(kind, { ticket: 0, rewards }, 0);

describe("the signal of s successes in G rollouts", () => {
  const cases = Array.from({ length: 15 }, (_, i) => i + 2).flatMap((size) =>
    Array.from({ length: size + 1 }, (_, successes) => [successes, size] as const),
  );

  it.each(cases)("s = %i, G = %i: the closed forms", (s, size) => {
    const rewards = group(s, size);
    const p = s / size;
    expect(signal("abs-advantage-unnormalized", rewards)).toBeCloseTo((2 * s * (size - s)) / size ** 2, 12);
    expect(signal("abs-advantage", rewards)).toBeCloseTo(
      (2 * Math.sqrt(s * (size - s) * (size - 1))) / size ** 1.5,
      12,
    );
    expect(signal("variance", rewards)).toBeCloseTo((s * (size - s)) / (size * (size - 1)), 12);
    expect(signal("learnability", rewards)).toBeCloseTo(p * (1 - p), 12);
    expect(signal("reward", rewards)).toBeCloseTo(p, 12);
  });

  it("is exactly 0 when all succeed or all fail", () => {
    for (const size of [2, 3, 7, 8])
      for (const kind of ["abs-advantage", "abs-advantage-unnormalized", "variance", "learnability"] as const)
        expect([signal(kind, group(0, size)), signal(kind, group(size, size))]).toEqual([0, 0]);
  });

  it("is 0 for equal rewards whose mean rounds", () => {
    expect(signal("abs-advantage", [0.1, 0.1, 0.1])).toBe(0);
  });

  it("of one rollout is its absolute reward", () => {
    expect(signal("abs-advantage", [-2])).toBe(2);
    expect(signal("variance", [3])).toBe(0);
  });
});

describe("what the caller measured", () => {
  it("wins: signal over advantages over rewards", () => {
    const feedback = { ticket: 0, rewards: [1, 0], advantages: [-3, 1], signal: -7 };
    expect(signalOf("abs-advantage", feedback, 0)).toBe(-7);
    const { signal: _, ...withAdvantages } = feedback;
    expect(signalOf("abs-advantage", withAdvantages, 0)).toBe(2);
    expect(signalOf((f) => f.rewards![0]! * 10, withAdvantages, 0)).toBe(10);
  });

  it("must be there and finite", () => {
    expect(() => signalOf("reward", { ticket: 0, advantages: [1] }, 4)).toThrow(ValueError);
    expect(() => signalOf(() => Number.NaN, { ticket: 0 }, 4)).toThrow("results[4] must give a finite signal, got NaN");
    expect(() => signalOf("abs-advantage", { ticket: 0, advantages: [0, Number.NaN] }, 4)).toThrow(
      "results[4].advantages[1] must be finite, got NaN",
    );
  });
});
