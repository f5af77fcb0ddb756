import { flopsPerToken, utilisation } from "@x/metrics/throughput";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

describe("flopsPerToken", () => {
  it("is a multiplication and an addition for each weight, and twice that for its two gradients", () => {
    // A layer of i × o weights: y = Wx, dx = Wᵀdy, dW = dy xᵀ have i·o multiplications and additions each.
    const [i, o] = [7, 5];
    expect(flopsPerToken(i * o, { pass: "inference" })).toBe(2 * i * o);
    expect(flopsPerToken(i * o)).toBe(3 * 2 * i * o);
    expect(flopsPerToken(i * o, { pass: "training" })).toBe(flopsPerToken(i * o));
  });

  it("makes the 3.14 · 10²³ operations that 300 · 10⁹ tokens cost a model of 174.6 · 10⁹ weights", () => {
    expectClose(flopsPerToken(174.6e9) * 300e9, 3.14e23, { rtol: 1e-3 });
  });

  it("names the argument and value that it refuses", () => {
    for (const parameters of [0, -1, Infinity, NaN])
      expectValueError(() => flopsPerToken(parameters), { argument: "parameters", value: parameters });
  });
});

describe("utilisation", () => {
  it("is 1 at the rate whose operations are the device's peak, and proportional to the rate", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 2, noNaN: true }), (parameters, share) => {
        const peak = 1e12;
        const flops = flopsPerToken(parameters);
        expectClose(utilisation((share * peak) / flops, flops, peak), share, { rtol: 1e-12 });
      }),
    );
    expect(utilisation(NaN, 1, 1)).toBeNaN();
  });

  it("names the argument and value that it refuses", () => {
    expectValueError(() => utilisation(-1, 1, 1), { argument: "tokensPerSecond", value: -1 });
    expectValueError(() => utilisation(1, 0, 1), { argument: "flops", value: 0 });
    expectValueError(() => utilisation(1, 1, NaN), { argument: "peak" });
  });
});
