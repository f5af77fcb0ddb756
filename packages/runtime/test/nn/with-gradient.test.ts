import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "@x/core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";

// The derivatives themselves: the files of the functions.
onEachBackend("a derivative written by hand", () => {
  it("is refused inside of another gradient, where it would be wrong", () => {
    const x = tf.tensor1d([0.3, -1]);
    const slope = tf.grad((x) => tf.sum(nn.silu(x)));
    slope(x).dispose();
    expect(() => tf.tidy(() => tf.grad((x) => tf.sum(tf.square(slope(x))))(x))).toThrow(StateError);
    x.dispose();
  });
});
