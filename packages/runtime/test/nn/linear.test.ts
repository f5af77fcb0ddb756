import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { dot, expectGradients, expectTorch, rowsOf } from "./check.js";

onEachBackend("linear", () => {
  it("is x·w + b, with the gradients of central differences, for any leading shape", () => {
    const size = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(fc.array(size, { maxLength: 3 }), size, size, (leading, inputs, outputs) => {
        const reference = (x: number[], w: number[], b = Array(outputs).fill(0)) =>
          rowsOf(x, inputs).flatMap((row) =>
            b.map(
              (bias, o) =>
                bias +
                dot(
                  row,
                  rowsOf(w, outputs).map((line) => line[o]!),
                ),
            ),
          );
        const shapes = [[...leading, inputs], [inputs, outputs], [outputs]];
        expectGradients((x, w, b) => nn.linear(x!, w!, b), reference, shapes);
        expectGradients((x, w) => nn.linear(x!, w!), reference, shapes.slice(0, 2));
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  it("agrees with PyTorch", () => {
    expectTorch("linear", (x, w, b) => nn.linear(x!, w!, b));
  });

  it("computes no gradient that nobody asks for", async () => {
    const [x, w] = [tf.ones([2, 3]), tf.ones([3, 4])];
    const { kernels } = await tf.profile(() => tf.grad((x) => tf.sum(nn.linear(x, w)))(x));
    expect(kernels.filter(({ name }) => name === "BatchMatMul")).toHaveLength(2);
  });

  it("throws ShapeError when the widths differ or a tensor is empty", () => {
    const call = (x: number[], w: number[], b?: number[]) => () =>
      nn.linear(tf.zeros(x), tf.zeros(w), b && tf.zeros(b));
    expect(call([2, 3], [4, 5])).toThrow(ShapeError);
    expect(call([2, 4], [4, 5], [4])).toThrow("linear: b must be [5], got [4]");
    expect(call([2, 4], [4])).toThrow(ShapeError);
    expect(call([0, 4], [4, 5])).toThrow("linear: tensors must not be empty, got [0,4]");
  });
});
