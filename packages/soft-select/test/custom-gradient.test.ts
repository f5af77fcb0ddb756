import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { detached, withGradient, withValue } from "../src/custom-gradient.js";
import { expectClose, numbers, vjp } from "./helpers.js";

const x = () => tf.tensor1d([1, 2]);

describe("withGradient", () => {
  it("uses the given gradient and keeps what it saves until then, through the caller's tidy", () => {
    const f = (input: tf.Tensor) =>
      tf.tidy(() => {
        const made = tf.mul(tf.scalar(3), input);
        return withGradient(
          input,
          (v) => [tf.square(v), made],
          (g, saved) => tf.mul(g, saved!),
        );
      });
    expectClose(f(x()), [1, 4]);
    expectClose(vjp(f, x(), tf.tensor1d([1, 10])), [3, 60]);
  });
});

describe("withValue", () => {
  it("has the value of one tensor and the gradient of another", () => {
    const f = (input: tf.Tensor) => withValue(tf.square(input), () => tf.tensor1d([7, 8]));
    expectClose(f(x()), [7, 8], { atol: 0 });
    expectClose(vjp(f, x(), tf.ones([2])), [2, 4]);
  });
});

describe("detached", () => {
  it("cuts the tape, so that ops without a gradient may follow", () => {
    const f = (input: tf.Tensor) =>
      tf.mul(
        input,
        detached(() => tf.topk(input, 2).values),
      );
    expectClose(vjp(f, x(), tf.ones([2])), [2, 1]);
    expect(() => vjp((input) => tf.topk(input, 2).values, x(), tf.ones([2]))).toThrow(/gradient/);
    expect(numbers(detached(x))).toEqual([1, 2]);
  });
});
