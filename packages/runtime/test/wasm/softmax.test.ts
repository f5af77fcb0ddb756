import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { expectAsOnCpu, onWasm } from "./as-on-cpu.js";

onWasm("causal softmax and its gradient", () => {
  it("are those of attention, also with fewer and with more queries than keys", async () => {
    for (const [queries, keys, heads, groups] of [
      [1, 1, 1, 1],
      [5, 5, 2, 1],
      [3, 7, 2, 2],
      [7, 3, 1, 1],
      [18, 18, 4, 2],
      [33, 34, 1, 1],
    ] as const) {
      const shapes = [
        [2, heads, queries, 4],
        [2, groups, keys, 4],
        [2, groups, keys, 4],
      ];
      const causal = ["CausalSoftmax", "SoftmaxGrad"];
      await expectAsOnCpu(causal, (q, k, v) => nn.attention(q!, k!, v!, { causal: true }), ...shapes);
      await expectAsOnCpu(["SoftmaxGrad"], (q, k, v) => nn.attention(q!, k!, v!), ...shapes);
      const bias = [heads, queries, keys];
      const biased = (...[q, k, v, bias]: tf.Tensor[]) => nn.attention(q!, k!, v!, { causal: true, bias });
      await expectAsOnCpu(causal, biased, ...shapes, bias);
    }
  });

  it("give way to a mask", async () => {
    const mask = () => tf.tensor([1, 0, 1, 1, 0], [1, 1, 1, 5]);
    const masked = (...[q, k, v]: tf.Tensor[]) => nn.attention(q!, k!, v!, { causal: true, mask: mask() });
    const shape = [2, 1, 5, 3];
    await expectAsOnCpu(["SoftmaxGrad"], masked, shape, shape, shape);
  });

  it("keep NaN to the queries that see it", () => {
    tf.tidy(() => {
      const ones = tf.ones([1, 1, 5, 2]);
      const k = tf.tensor([1, 1, 1, 1, Number.NaN, 1, 1, 1, 1, 1], [1, 1, 5, 2]);
      const y = nn.attention(ones, k, ones, { causal: true }).dataSync();
      expect(Array.from(y, Number.isNaN)).toEqual([false, false, false, false, true, true, true, true, true, true]);
    });
  });

  it("give zeros to queries that come before every key", () => {
    tf.tidy(() => {
      const y = nn.attention(tf.ones([1, 1, 3, 2]), tf.ones([1, 1, 1, 2]), tf.ones([1, 1, 1, 2]), { causal: true });
      expect([...y.dataSync()]).toEqual([0, 0, 0, 0, 1, 1]);
    });
  });
});
