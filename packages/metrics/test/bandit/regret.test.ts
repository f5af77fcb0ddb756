import { createRng } from "@x/core";
import { countPulls, dynamicRegret, pseudoRegret, simpleRegret } from "@x/metrics/bandit";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

describe("pseudoRegret", () => {
  it("adds up the gaps of the arms that were pulled", () => {
    expectClose(pseudoRegret([0.2, 0.9, 0.5], [0, 1, 2, 2]), [0.7, 0.7, 1.1, 1.5], { atol: 1e-15 });
  });

  it("is the pulls times the gaps in the end", () => {
    const rng = createRng("pulls");
    const means = [0.1, 0.4, 0.3, 0.8];
    const arms = Int32Array.from({ length: 500 }, () => rng.int(4));
    const expected = countPulls(arms, 4).reduce((sum, pulls, a) => sum + pulls * (0.8 - means[a]!), 0);
    expectClose(pseudoRegret(means, arms).at(-1)!, expected, { rtol: 1e-12 });
  });

  it("stays 0 for the best arm", () => {
    expect(pseudoRegret([1, 3], [1, 1])).toEqual(Float64Array.of(0, 0));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => pseudoRegret([], [0]), { argument: "means", value: 0 });
    expectValueError(() => pseudoRegret([1, Number.NaN], [0]), { argument: "means", index: 1 });
    expectValueError(() => pseudoRegret([1, 2], []), { argument: "arms", value: 0 });
    expectValueError(() => pseudoRegret([1, 2], [0, 2]), { argument: "arms", index: 1, value: 2 });
    expectValueError(() => pseudoRegret([1, 2], [0.5]), { argument: "arms", index: 0, value: 0.5 });
  });
});

describe("dynamicRegret", () => {
  it("compares with the best arm of each step", () => {
    const means = [
      [1, 0],
      [0, 3],
      [2, 2],
    ];
    expect(dynamicRegret(means, [0, 0, 1])).toEqual(Float64Array.of(0, 3, 3));
  });

  it("is the pseudo-regret where means stay", () => {
    const means = [0.3, 0.6, 0.1];
    const arms = [0, 2, 1, 1, 2];
    expect(
      dynamicRegret(
        arms.map(() => means),
        arms,
      ),
    ).toEqual(pseudoRegret(means, arms));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => dynamicRegret([], []), { argument: "means", value: 0 });
    expectValueError(() => dynamicRegret([[1, 2]], [0, 1]), { argument: "arms", value: 2 });
    expectValueError(() => dynamicRegret([[1, 2], [1]], [0, 0]), { argument: "means[1]", value: 1 });
    expectValueError(() => dynamicRegret([[1, Number.NaN]], [0]), { argument: "means[0]", index: 1 });
    expectValueError(() => dynamicRegret([[1, 2]], [-1]), { argument: "arms", index: 0, value: -1 });
  });
});

describe("simpleRegret", () => {
  it("is the gap of the recommended arm", () => {
    expect(simpleRegret([1, 4, 2], 2)).toBe(2);
    expect(simpleRegret([1, 4, 2], 1)).toBe(0);
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => simpleRegret([1, 2], 2), { argument: "recommended", value: 2 });
    expectValueError(() => simpleRegret([], 0), { argument: "means", value: 0 });
  });
});

describe("countPulls", () => {
  it("counts every arm", () => {
    expect(countPulls([2, 0, 2, 2], 4)).toEqual(Int32Array.of(1, 0, 3, 0));
    expect(countPulls([], 2)).toEqual(Int32Array.of(0, 0));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => countPulls([0, 3], 3), { argument: "arms", index: 1, value: 3 });
    expectValueError(() => countPulls([], 0), { argument: "count", value: 0 });
  });
});
