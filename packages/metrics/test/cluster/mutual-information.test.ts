import { createRng } from "@x/core";
import { normalisedMutualInformation } from "@x/metrics/cluster";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/cluster.json" with { type: "json" };

describe("normalisedMutualInformation", () => {
  it("equals scikit-learn", () => {
    for (const { a, b, nmi } of fixtures.labelings)
      expectClose(normalisedMutualInformation(a, b), nmi, { atol: 1e-12 });
  });

  it("is 1 for renamed labels and 0 for independent ones", () => {
    expectClose(normalisedMutualInformation([0, 0, 1, 2], ["c", "c", "a", "b"]), 1, { atol: 1e-12 });
    expectClose(normalisedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1]), 0, { atol: 1e-12 });
    expect(normalisedMutualInformation([0, 1, 2], [7, 7, 7])).toBe(0);
    expect(normalisedMutualInformation([3, 3], [7, 7])).toBe(1);
  });

  it("is symmetric and between 0 and 1", () => {
    const rng = createRng(2);
    for (let k = 0; k < 100; k++) {
      const [a, b] = [0, 1].map(() => Array.from({ length: 20 }, () => rng.int(1 + rng.int(6))));
      const value = normalisedMutualInformation(a!, b!);
      expectClose(normalisedMutualInformation(b!, a!), value, { atol: 1e-12 });
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(1 + 1e-12);
    }
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => normalisedMutualInformation([], []), { argument: "a", value: 0 });
    expectValueError(() => normalisedMutualInformation([1, 2], [1]), { argument: "b", value: 1 });
    expectValueError(() => normalisedMutualInformation([1, Number.NaN], [1, 2]), { argument: "a", index: 1 });
  });
});
