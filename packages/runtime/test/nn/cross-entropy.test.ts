import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";
import { expectGradients, expectTorch, rowsOf, sum, torchConstant } from "./check.js";

const logSumExp = (row: number[]) => Math.log(sum(row.map(Math.exp)));
const int = (values: number[], shape: number[]) => tf.tensor(values, shape, "int32");

onEachBackend("sparseCrossEntropy", () => {
  it("is the negative log-probability of the label, with the gradient of central differences", () => {
    for (const [n, v] of [
      [1, 1],
      [1, 4],
      [5, 3],
      [7, 9],
    ] as const) {
      const labels = Array.from({ length: n }, (_, i) => (i * 5 + 1) % v);
      const tensor = int(labels, [n]);
      const reference = (z: number[]) => rowsOf(z, v).map((row, i) => logSumExp(row) - row[labels[i]!]!);
      expectGradients((z) => nn.sparseCrossEntropy(z!, tensor), reference, [[n, v]]);
    }
  });

  it("agrees with PyTorch", () => {
    const labels = torchConstant("sparseCrossEntropy", "labels", "int32");
    expectTorch("sparseCrossEntropy", (z) => nn.sparseCrossEntropy(z!, labels));
  });

  it("does not change when a constant is added to a row, be it 10⁴", () => {
    const z = tf.tensor([
      [1, 2, 3],
      [1e4 + 1, 1e4 + 2, 1e4 + 3],
    ]);
    const [a, b] = nn.sparseCrossEntropy(z, int([0, 0], [2])).dataSync();
    expect(b).toBeCloseTo(a!, 3);
  });

  it("throws ShapeError for labels of another length or dtype, and for an empty tensor", () => {
    expect(() => nn.sparseCrossEntropy(tf.zeros([2, 3]), int([1], [1]))).toThrow(ShapeError);
    expect(() => nn.sparseCrossEntropy(tf.zeros([2, 3]), tf.zeros([2]))).toThrow("got [2,3] and [2] float32");
    expect(() => nn.sparseCrossEntropy(tf.zeros([0, 3]), int([], [0]))).toThrow("tensors must not be empty");
  });
});

onEachBackend("logSumExp and gatherLogprobs", () => {
  it("logSumExp has the gradient softmax", () => {
    const reference = (x: number[]) => rowsOf(x, 5).map(logSumExp);
    for (const shape of [[5], [3, 5], [2, 2, 5]]) expectGradients((x) => nn.logSumExp(x!), reference, [shape]);
    expectTorch("logSumExp", (x) => nn.logSumExp(x!));
  });

  it("logSumExp treats −∞ as absent", () => {
    const x = tf.tensor([
      [-Infinity, 2, -Infinity],
      [-Infinity, -Infinity, -Infinity],
      [1e4, 0, 0],
    ]);
    expectClose(nn.logSumExp(x).dataSync(), [2, -Infinity, 1e4], {});
    const grad = tf
      .grad((x) => nn.logSumExp(x))(x)
      .dataSync();
    expectClose(grad, [0, 1, 0, 0, 0, 0, 1, 0, 0], {});
  });

  it("gatherLogprobs picks log-probabilities, which sum to 1 over the classes", () => {
    const ids = int([0, 4, 2, 2], [2, 2]);
    const reference = (z: number[]) => rowsOf(z, 5).map((row, i) => row[[0, 4, 2, 2][i]!]! - logSumExp(row));
    expectGradients((z) => nn.gatherLogprobs(z!, ids), reference, [[2, 2, 5]]);
    const all = nn.gatherLogprobs(tf.tile(tf.tensor([[0.3, -1, 2]]), [3, 1]), int([0, 1, 2], [3]));
    expect(sum(Array.from(all.dataSync(), Math.exp))).toBeCloseTo(1, 6);
    const stored = torchConstant("gatherLogprobs", "ids", "int32");
    expectTorch("gatherLogprobs", (z) => nn.gatherLogprobs(z!, stored));
  });

  it("throws ShapeError for ids that do not fit and for an empty tensor", () => {
    expect(() => nn.gatherLogprobs(tf.zeros([2, 3]), int([1], [1]))).toThrow(
      "gatherLogprobs: logits […, V] need ids […]",
    );
    expect(() => nn.gatherLogprobs(tf.zeros([2, 3]), tf.zeros([2]))).toThrow(ShapeError);
    expect(() => nn.logSumExp(tf.zeros([0, 3]))).toThrow("logSumExp: tensors must not be empty");
    expect(() => nn.logSumExp(tf.scalar(1))).toThrow("logSumExp: x must have a last axis");
  });
});
