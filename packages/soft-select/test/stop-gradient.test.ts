import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scaleGradient, stopGradient } from "../src/index.js";
import { expectClose, expectNoLeak, vjp } from "./helpers.js";

const x = () => tf.tensor2d([1, -2, 3, 0.5], [2, 2]);

describe("stopGradient", () => {
  it("is the identity with a gradient of zeros", () => {
    expectClose(stopGradient(x()), [1, -2, 3, 0.5], { atol: 0 });
    expectClose(vjp(stopGradient, x(), tf.ones([2, 2])), [0, 0, 0, 0], { atol: 0 });
  });

  it("makes x · stop(x) have the gradient of a constant times x", () => {
    expectClose(
      vjp((v) => tf.mul(v, stopGradient(v)), x(), tf.ones([2, 2])),
      [1, -2, 3, 0.5],
    );
  });

  it("leaves no tensor behind", () => {
    const v = x();
    expectNoLeak(() => stopGradient(v));
    expectNoLeak(() => vjp(stopGradient, v, v));
  });
});

describe("scaleGradient", () => {
  it("is the identity with the gradient times the factor", () => {
    fc.assert(
      fc.property(fc.integer({ min: -16, max: 16 }), (n) => {
        const scaled = (v: tf.Tensor) => scaleGradient(v, n / 4);
        expectClose(scaled(x()), [1, -2, 3, 0.5], { atol: 0 });
        expectClose(vjp(scaled, x(), x()), [n / 4, -n / 2, (3 * n) / 4, n / 8]);
      }),
    );
  });

  it("refuses a factor that is not finite", () => {
    expect(() => scaleGradient(x(), Number.NaN)).toThrow(/scaleGradient: factor must be finite, got NaN/);
  });
});
