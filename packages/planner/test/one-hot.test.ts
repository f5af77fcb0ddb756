import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { oneHot } from "../src/one-hot.js";

describe("oneHot", () => {
  it("has a float 1 at the index, also for one class, and nothing for an index outside", () => {
    tf.tidy(() => {
      const rows = oneHot(tf.tensor2d(Int32Array.of(2, 0, 1, 3), [2, 2], "int32"), 3);
      expect(rows.shape).toEqual([2, 2, 3]);
      expect(rows.dtype).toBe("float32");
      expect([...rows.dataSync()]).toEqual([0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0]);
      expect([...oneHot(tf.tensor1d(Int32Array.of(0, 0), "int32"), 1).dataSync()]).toEqual([1, 1]);
    });
  });
});
