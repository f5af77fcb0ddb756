import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { onEachBackend } from "./backends.js";

onEachBackend("cumsum and cumprod", () => {
  it("take an axis counted from the end", () => {
    tf.tidy(() => {
      const x = tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]);
      expect([...tf.cumsum(x, -1).dataSync()]).toEqual([1, 3, 3, 7, 5, 11, 7, 15]);
      expect([...tf.cumsum(x, -2).dataSync()]).toEqual([1, 2, 4, 6, 5, 6, 12, 14]);
      expect([...tf.cumsum(x, -3, true, true).dataSync()]).toEqual([5, 6, 7, 8, 0, 0, 0, 0]);
      expect([...tf.cumprod(x, -1).dataSync()]).toEqual([1, 2, 3, 12, 5, 30, 7, 56]);
    });
  });
});
