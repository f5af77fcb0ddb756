import { effectiveSampleSize, entropy, exactKl } from "@x/metrics/rl";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const logits = (length: number) =>
  fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: length, maxLength: length });
const logs = (...probabilities: number[]) => probabilities.map(Math.log);

describe("entropy", () => {
  it("equals the definition", () => {
    expectClose(entropy(logs(0.5, 0.25, 0.25)), 1.5 * Math.LN2, { rtol: 1e-15 });
    expectClose(entropy(new Float32Array(7)), Math.log(7), { rtol: 1e-15 });
  });

  it("is 0 for a certain choice, with others ruled out or without", () => {
    expect(entropy([3, -Infinity])).toBe(0);
    expect(entropy([-1000])).toBe(0);
  });

  it("lies between 0 and log V and does not change with a shift", () => {
    fc.assert(
      fc.property(logits(5), fc.double({ min: -700, max: 700, noNaN: true }), (x, shift) => {
        const h = entropy(x);
        expect(h).toBeGreaterThanOrEqual(0);
        expect(h).toBeLessThanOrEqual(Math.log(5) + 1e-14);
        expectClose(entropy(x.map((v) => v + shift)), h, { atol: 1e-10 });
      }),
      { seed: 1 },
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => entropy([]), { argument: "logits", value: 0 });
    expectValueError(() => entropy([0, Number.NaN]), { argument: "logits", index: 1, value: Number.NaN });
    expectValueError(() => entropy([Infinity]), { argument: "logits", index: 0, value: Infinity });
    expectValueError(() => entropy([-Infinity, -Infinity]), { argument: "logits", value: -Infinity });
  });
});

describe("exactKl", () => {
  it("equals the definition", () => {
    const expected = 0.7 * Math.log(0.7 / 0.4) + 0.2 * Math.log(0.2 / 0.5) + 0.1 * Math.log(0.1 / 0.1);
    expectClose(exactKl(logs(0.7, 0.2, 0.1), logs(0.4, 0.5, 0.1)), expected, { rtol: 1e-14 });
  });

  it("is log V minus the entropy against the uniform, and 0 against itself", () => {
    fc.assert(
      fc.property(logits(6), (x) => {
        expectClose(exactKl(x, new Float64Array(6)), Math.log(6) - entropy(x), { atol: 1e-13 });
        expect(exactKl(x, x)).toBe(0);
      }),
      { seed: 2 },
    );
  });

  it("is never negative", () => {
    fc.assert(
      fc.property(logits(4), logits(4), (p, q) => {
        expect(exactKl(p, q)).toBeGreaterThanOrEqual(0);
      }),
      { seed: 3 },
    );
  });

  it("is infinite only where the reference rules out what the policy does not", () => {
    expect(exactKl([0, 0], [0, -Infinity])).toBe(Infinity);
    expectClose(exactKl([0, -Infinity], [0, 0]), Math.LN2, { rtol: 1e-15 });
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => exactKl([0, 0], [0]), { argument: "referenceLogits", value: 1 });
    expectValueError(() => exactKl([0], [Number.NaN]), { argument: "referenceLogits", index: 0 });
    expectValueError(() => exactKl([Number.NaN], [0]), { argument: "logits", index: 0 });
  });
});

describe("effectiveSampleSize", () => {
  it("equals (Σw)²/Σw²", () => {
    expectClose(effectiveSampleSize(logs(1, 2, 3)), 36 / 14, { rtol: 1e-14 });
  });

  it("is N for equal weights, 1 for a single one, whatever the scale", () => {
    expectClose(effectiveSampleSize([1000, 1000, 1000]), 3, { rtol: 1e-14 });
    expect(effectiveSampleSize([-1000, -Infinity])).toBe(1);
  });

  it("lies between 1 and N", () => {
    fc.assert(
      fc.property(logits(8), (x) => {
        const ess = effectiveSampleSize(x);
        expect(ess).toBeGreaterThanOrEqual(1 - 1e-13);
        expect(ess).toBeLessThanOrEqual(8 + 1e-13);
      }),
      { seed: 4 },
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => effectiveSampleSize([]), { argument: "logWeights", value: 0 });
    expectValueError(() => effectiveSampleSize([0, Number.NaN]), { argument: "logWeights", index: 1 });
    expectValueError(() => effectiveSampleSize([-Infinity]), { argument: "logWeights", value: -Infinity });
  });
});
