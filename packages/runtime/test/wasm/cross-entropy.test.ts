import * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { expectAsOnCpu, onWasm } from "./as-on-cpu.js";

const kernels = ["SparseCrossEntropy", "SparseCrossEntropyGrad"];
const labels = (rows: number, classes: number) =>
  tf.tensor1d(
    Array.from({ length: rows }, (_, i) => (i * 7 + classes - 1) % classes),
    "int32",
  );

onWasm("the kernels of cross-entropy", () => {
  it("are sparseCrossEntropy at numbers of classes around those of their loops", async () => {
    for (const [rows, classes] of [
      [1, 1],
      [1, 2],
      [3, 5],
      [4, 16],
      [5, 67],
      [2, 256],
    ] as const) {
      await expectAsOnCpu(kernels, (z) => nn.sparseCrossEntropy(z!, labels(rows, classes)), [rows, classes]);
    }
  });

  it("refuse a label that is no class, and keep nothing", () => {
    const [logits, wrong] = [tf.zeros([3, 4]), tf.tensor1d([3, 4, -1], "int32")];
    const before = tf.memory();
    expect(() => nn.sparseCrossEntropy(logits, wrong)).toThrow(ValueError);
    expect(() => nn.sparseCrossEntropy(logits, wrong)).toThrow("labels must be in 0…3; the one at 1 is not");
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    tf.dispose([logits, wrong]);
  });
});
