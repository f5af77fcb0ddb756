import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { sumOfSquares } from "../src/sum-of-squares.js";
import { onEachBackend } from "./backends.js";

onEachBackend("sumOfSquares", () => {
  it("is Σ x² over all tensors, and leaves one scalar", () => {
    const tensors = [
      tf.tensor([
        [1, 2],
        [3, 4],
      ]),
      tf.scalar(-5),
    ];
    const before = tf.memory().numTensors;
    const sum = sumOfSquares(tensors);
    expect([sum.shape, sum.dataSync()[0]]).toEqual([[], 55]);
    expect(tf.memory().numTensors).toBe(before + 1);
  });
});
