import { mean, variance } from "@x/metrics/stats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const integers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 40 });

describe("mean", () => {
  it("is exact where plain summation loses everything", () => {
    expect(mean([1, 1e100, 1, -1e100])).toBe(0.5);
    expect(mean(new Float64Array(1e6).fill(0.1))).toBe(0.1);
  });

  it("widens float32 input before it adds", () => {
    const values = new Float32Array(1e5).fill(0.1);
    expect(mean(values)).toBe(Math.fround(0.1));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => mean([]), { argument: "values", value: 0 });
    expectValueError(() => mean([1, Number.NaN]), { argument: "values", index: 1, value: Number.NaN });
    expectValueError(() => mean([Number.POSITIVE_INFINITY]), { argument: "values", index: 0 });
  });
});

describe("variance", () => {
  it("equals half the mean squared difference of all pairs", () => {
    fc.assert(
      fc.property(integers, (values) => {
        const n = values.length;
        let pairs = 0;
        for (const x of values) for (const y of values) pairs += (x - y) ** 2;
        expectClose(variance(values), pairs / (2 * n * (n - 1)), { rtol: 1e-12, atol: 1e-12 });
      }),
    );
  });

  it("is not disturbed by a large common offset", () => {
    fc.assert(
      fc.property(integers, (values) => {
        expectClose(variance(values.map((x) => x + 2 ** 40)), variance(values), { rtol: 1e-9, atol: 1e-9 });
      }),
    );
  });

  it("needs two values", () => {
    expectValueError(() => variance([3]), { argument: "values", value: 1 });
  });
});
