import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectGradients, expectTorch, rowsOf, torchConstant } from "./check.js";

onEachBackend("embedding", () => {
  it("picks rows, and adds up the gradients of a row that is picked several times", () => {
    const size = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(size, size, fc.array(size, { maxLength: 3 }), (rows, width, shape) => {
        const ids = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i * i + 1) % rows);
        const tensor = tf.tensor(ids, shape, "int32");
        const reference = (w: number[]) => ids.flatMap((id) => rowsOf(w, width)[id]!);
        expectGradients((w) => nn.embedding(w!, tensor), reference, [[rows, width]]);
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it("agrees with PyTorch", () => {
    const ids = torchConstant("embedding", "ids", "int32");
    expectTorch("embedding", (w) => nn.embedding(w!, ids));
  });

  it("throws ShapeError for a table that is no matrix, ids that are not int32, and an empty tensor", () => {
    const ids = tf.tensor([0], [1], "int32");
    expect(() => nn.embedding(tf.zeros([4]), ids)).toThrow(ShapeError);
    expect(() => nn.embedding(tf.zeros([4, 2]), tf.zeros([1]))).toThrow("ids int32, got [4,2] and float32");
    expect(() => nn.embedding(tf.zeros([4, 2]), tf.tensor([], [0], "int32"))).toThrow("tensors must not be empty");
  });
});
