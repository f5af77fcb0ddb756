import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { ownKernel } from "../src/own-kernel.js";
import { onEachBackend } from "./backends.js";

const gate = { a: 1, b: 0 };

onEachBackend("ownKernel", () => {
  it("runs the kernel where the backend has it, and only for the dtypes that it takes", () => {
    tf.tidy(() => {
      const has = tf.getBackend() === "wasm";
      expect(ownKernel("Gate", { x: tf.zeros([2]) }, gate)?.map((y) => [...y.dataSync()])).toEqual(
        has ? [[0, 0], [0.5, 0.5]] : undefined, // biome-ignore format: values and sigmoids
      );
      expect(ownKernel("Gate", { x: tf.zeros([2], "int32") }, gate)).toBeUndefined();
      const logits = tf.zeros([1, 2]);
      expect(ownKernel("SparseCrossEntropy", { logits }, {}, { labels: tf.zeros([1]) })).toBeUndefined();
      expect(ownKernel("NoSuchKernel", { x: tf.zeros([2]) })).toBeUndefined();
    });
  });

  it("takes null and undefined for absent", () => {
    tf.tidy(() => {
      const x = tf.tensor([[3, 4]]);
      const outputs = ownKernel("Norm", { x, gain: null, bias: undefined }, { epsilon: 0, centre: false });
      const y = outputs && [...outputs[0]!.dataSync()].map((value) => value.toFixed(4));
      expect(y).toEqual(tf.getBackend() === "wasm" ? ["0.8485", "1.1314"] : undefined);
    });
  });
});
