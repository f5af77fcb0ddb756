import { describe, expect, it } from "vitest";
import { type Keep, keepsGroup } from "../../src/filter/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

/** The probability that a group of G Bernoulli(p) rewards is kept, summed over all 2^G groups. */
function acceptance(p: number, G: number, keep: Keep): number {
  let sum = 0;
  for (let bits = 0; bits < 2 ** G; bits++) {
    const rewards = Array.from({ length: G }, (_, i) => (bits >> i) & 1);
    const successes = rewards.reduce((a, b) => a + b, 0);
    if (keepsGroup(rewards, keep)) sum += p ** successes * (1 - p) ** (G - successes);
  }
  return sum;
}

describe("keepsGroup", () => {
  it("keeps mixed groups with probability 1 − p^G − (1 − p)^G, by enumeration", () => {
    for (const p of [0.01, 0.3, 0.5, 0.92])
      for (let G = 1; G <= 8; G++) expectClose(acceptance(p, G, "mixed"), 1 - p ** G - (1 - p) ** G, { atol: 1e-14 });
  });

  it("counts rewards within 1e-8 as equal", () => {
    expect(keepsGroup([0.1 + 0.2, 0.3])).toBe(false);
    expect(keepsGroup([0.3, 0.3 + 1e-6])).toBe(true);
    expect(keepsGroup([-2, -2, 3])).toBe(true);
  });

  it("keeps a band of means, borders included", () => {
    const keep = { low: 0.25, high: 0.75 };
    expect(
      [0, 1, 2, 3, 4].map((s) =>
        keepsGroup(
          [0, 1, 2, 3].map((i) => (i < s ? 1 : 0)),
          keep,
        ),
      ),
    ).toEqual([false, true, true, true, false]);
  });

  it("keeps what is mixed enough: κ = 0 all, κ = 1 only even groups, between them by s(G − s)", () => {
    const kept = (variance: number) =>
      [0, 1, 2, 3].map((s) =>
        keepsGroup(
          [0, 1, 2, 3, 4, 5].map((i) => (i < s ? 1 : 0)),
          { variance },
        ),
      );
    expect(kept(0)).toEqual([true, true, true, true]);
    expect(kept(8 / 9 - 1e-9)).toEqual([false, false, true, true]);
    expect(kept(1)).toEqual([false, false, false, true]);
  });

  it("refuses no rewards and rewards that are not finite", () => {
    expectValueError(() => keepsGroup([]), { argument: "rewards", value: 0 });
    expectValueError(() => keepsGroup([1, Number.NaN]), { argument: "rewards", index: 1, value: Number.NaN });
    expectValueError(() => keepsGroup([1, 2], { variance: 0.5 }), { argument: "rewards", index: 1, value: 2 });
  });
});
