import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { forbid, keepAllowed } from "../src/mask.js";
import { expectClose, numbers } from "./helpers.js";

describe("forbid and keepAllowed", () => {
  it("know masks of every dtype, broadcast", () => {
    for (const dtype of ["bool", "int32", "float32"] as const) {
      const mask = tf.tensor1d([1, 0, 1], dtype);
      expectClose(keepAllowed(tf.ones([2, 3]), mask), [1, 0, 1, 1, 0, 1], { atol: 0 });
    }
  });

  it("leave finite scores, even of NaN and infinities", () => {
    const scores = tf.tensor1d([1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    const [first, ...rest] = numbers(forbid(scores, tf.tensor1d([1, 0, 0, 0])));
    expect(first).toBe(1);
    expect(rest.every((v) => Number.isFinite(v) && v < -3e38)).toBe(true);
  });
});
