import { createRng } from "@x/core";
import { discountedReturns, explainedVariance, gae } from "@x/metrics/rl";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

/** Trajectories of several episodes. */
function trajectory(label: string, T = 20) {
  const rng = createRng(label);
  const draws = () => Float64Array.from({ length: T }, () => rng.normal());
  const dones = Float64Array.from({ length: T }, () => (rng.float() < 0.2 ? 1 : 0));
  return { rewards: draws(), values: draws(), dones, lastValue: rng.normal() };
}

describe("discountedReturns", () => {
  it("is the sum of what follows within the episode, discounted by its distance", () => {
    const { rewards, dones, lastValue } = trajectory("returns");
    const expected = rewards.map((_, t) => {
      let sum = 0;
      for (let u = t; u < rewards.length; u++) {
        sum += 0.9 ** (u - t) * rewards[u]!;
        if (dones[u]) return sum;
      }
      return sum + 0.9 ** (rewards.length - t) * lastValue;
    });
    expectClose(discountedReturns(rewards, { discount: 0.9, dones, lastValue }), expected, { atol: 1e-13 });
  });

  it("takes one open episode by default", () => {
    expect(discountedReturns([1, 2, 4], { discount: 0.5 })).toEqual(Float64Array.of(3, 4, 4));
    expect(discountedReturns([1, 2, 4], { discount: 1, lastValue: 8 })).toEqual(Float64Array.of(15, 14, 12));
    expect(discountedReturns([1, 2, 4], { discount: 0 })).toEqual(Float64Array.of(1, 2, 4));
  });

  it("leaves the rewards as they were", () => {
    const rewards = Float64Array.of(1, 1);
    discountedReturns(rewards, { discount: 1 });
    expect(rewards).toEqual(Float64Array.of(1, 1));
  });

  it("names the argument, index and value that it refuses", () => {
    const call = (rewards: number[], options: object = {}) => discountedReturns(rewards, { discount: 0.9, ...options });
    expectValueError(() => call([]), { argument: "rewards", value: 0 });
    expectValueError(() => call([1, Number.NaN]), { argument: "rewards", index: 1, value: Number.NaN });
    expectValueError(() => call([1], { discount: 1.1 }), { argument: "discount", value: 1.1 });
    expectValueError(() => call([1], { dones: [0, 1] }), { argument: "dones", value: 2 });
    expectValueError(() => call([1], { dones: [0.5] }), { argument: "dones", index: 0, value: 0.5 });
    expectValueError(() => call([1], { lastValue: Infinity }), { argument: "lastValue", value: Infinity });
  });
});

describe("gae", () => {
  it("equals the double sum over later one-step errors", () => {
    const { rewards, values, dones, lastValue } = trajectory("gae");
    const T = rewards.length;
    const error = (t: number) => rewards[t]! + (dones[t] ? 0 : 0.97 * (values[t + 1] ?? lastValue)) - values[t]!;
    const expected = rewards.map((_, t) => {
      let sum = 0;
      for (let l = 0; t + l < T; l++) {
        sum += (0.97 * 0.8) ** l * error(t + l);
        if (dones[t + l]) break;
      }
      return sum;
    });
    const options = { discount: 0.97, traceDecay: 0.8, dones, lastValue };
    expectClose(gae(rewards, values, options), expected, { atol: 1e-13 });
  });

  it("is returns minus values for λ = 1 and the one-step error for λ = 0", () => {
    const { rewards, values, dones, lastValue } = trajectory("ends");
    const options = { discount: 0.9, dones, lastValue };
    const monteCarlo = discountedReturns(rewards, options).map((G, t) => G - values[t]!);
    expectClose(gae(rewards, values, { ...options, traceDecay: 1 }), monteCarlo, { atol: 1e-13 });
    const [first] = gae([1, 2], [3, 5], { discount: 0.5, traceDecay: 0 });
    expect(first).toBe(1 + 0.5 * 5 - 3);
  });

  it("is 0 where the critic is right", () => {
    const { rewards, dones, lastValue } = trajectory("right");
    const options = { discount: 0.9, dones, lastValue };
    const values = discountedReturns(rewards, options);
    expectClose(gae(rewards, values, { ...options, traceDecay: 0.5 }), new Float64Array(20), { atol: 1e-14 });
  });

  it("names the argument, index and value that it refuses", () => {
    const options = { discount: 0.9, traceDecay: 0.9 };
    expectValueError(() => gae([1, 2], [1], options), { argument: "values", value: 1 });
    expectValueError(() => gae([1], [Number.NaN], options), { argument: "values", index: 0, value: Number.NaN });
    expectValueError(() => gae([1], [1], { ...options, traceDecay: -1 }), { argument: "traceDecay", value: -1 });
    expectValueError(() => gae([1], [1], { ...options, discount: 2 }), { argument: "discount", value: 2 });
  });
});

describe("explainedVariance", () => {
  it("equals 1 − Var(y − ŷ)/Var(y) by hand", () => {
    // y = 1, 2, 3 with variance 1; errors 0, 1, −1 with variance 1; then 0, 1, 0 with variance 1/3.
    expectClose(explainedVariance([1, 2, 3], [1, 1, 4]), 0, { atol: 1e-15 });
    expectClose(explainedVariance([1, 2, 3], [1, 1, 3]), 2 / 3, { rtol: 1e-15 });
  });

  it("is 1 for exact predictions up to a constant and 0 for a constant", () => {
    expect(explainedVariance([1, 2, 4], [1, 2, 4])).toBe(1);
    expect(explainedVariance([1, 2, 4], [11, 12, 14])).toBe(1);
    expectClose(explainedVariance([1, 2, 4], [7, 7, 7]), 0, { atol: 1e-15 });
  });

  it("is NaN for targets without variance, whatever their rounding", () => {
    const constant = new Float64Array(10).fill(0.1);
    expect(
      explainedVariance(
        constant,
        constant.map((_, i) => i),
      ),
    ).toBeNaN();
    expect(explainedVariance([3], [1])).toBeNaN();
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => explainedVariance([1, 2], [1]), { argument: "predictions", value: 1 });
    expectValueError(() => explainedVariance([], []), { argument: "targets", value: 0 });
    expectValueError(() => explainedVariance([1, Infinity], [1, 2]), { argument: "targets", index: 1 });
  });
});
