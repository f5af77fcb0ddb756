import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { oneHot, oneHotArgmax } from "../src/one-hot.js";
import { expectClose } from "./helpers.js";

describe("oneHot", () => {
  it("is float32 of any rank, one code included", () => {
    const hot = oneHot(tf.tensor2d([2, 0], [2, 1], "int32"), 3);
    expect([hot.dtype, hot.shape]).toEqual(["float32", [2, 1, 3]]);
    expectClose(hot, [0, 0, 1, 1, 0, 0], { atol: 0 });
    expectClose(oneHot(tf.scalar(1, "int32"), 2), [0, 1], { atol: 0 });
    expectClose(oneHot(tf.zeros([2], "int32"), 1), [1, 1], { atol: 0 });
  });
});

describe("oneHotArgmax", () => {
  it("takes the lowest index among ties, of what is allowed", () => {
    const scores = tf.tensor2d([5, 5, 1, 5, 5, 1], [2, 3]);
    expectClose(oneHotArgmax(scores, undefined), [1, 0, 0, 1, 0, 0], { atol: 0 });
    expectClose(oneHotArgmax(scores, tf.tensor2d([0, 1, 1, 0, 0, 0], [2, 3])), [0, 1, 0, 0, 0, 0], { atol: 0 });
  });
});
