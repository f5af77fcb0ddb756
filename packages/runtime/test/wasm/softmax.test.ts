import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { expectClose } from "../expect-close.js";
import { expectAsOnCpu, onWasm } from "./as-on-cpu.js";

onWasm("softmax", () => {
  it("is tf.softmax at widths around those of its loops", async () => {
    for (const shape of [[1], [3], [2, 4], [3, 5], [2, 3, 16], [2, 19], [5, 67]]) {
      await expectAsOnCpu(["Softmax"], (x) => tf.softmax(x!), shape);
    }
  });

  it("is 0 at −∞, exact at large numbers, and NaN in the rows that hold one or nothing but −∞", () => {
    tf.tidy(() => {
      const rows = [
        [-Infinity, 1e30, -Infinity, 1e30, 0],
        [0, 0, Number.NaN, 0, 0],
        [-Infinity, -Infinity, -Infinity, -Infinity, -Infinity],
        [1000, 1000, 1000, 1000, 1000],
      ];
      const y = tf.softmax(tf.tensor(rows)).dataSync();
      const none = [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN];
      expectClose(y, [0, 0.5, 0, 0.5, 0, ...none, ...none, 0.2, 0.2, 0.2, 0.2, 0.2], { atol: 1e-7 });
    });
  });
});

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
      await expectAsOnCpu(["Softmax", "SoftmaxGrad"], (q, k, v) => nn.attention(q!, k!, v!), ...shapes);
      const bias = [heads, queries, keys];
      const biased = (...[q, k, v, bias]: tf.Tensor[]) => nn.attention(q!, k!, v!, { causal: true, bias });
      await expectAsOnCpu(causal, biased, ...shapes, bias);
    }
  });

  it("give way to a mask", async () => {
    const mask = () => tf.tensor([1, 0, 1, 1, 0], [1, 1, 1, 5]);
    const masked = (...[q, k, v]: tf.Tensor[]) => nn.attention(q!, k!, v!, { causal: true, mask: mask() });
    const shape = [2, 1, 5, 3];
    await expectAsOnCpu(["Softmax", "SoftmaxGrad"], masked, shape, shape, shape);
  });

  it("give zeros to queries that come before every key", () => {
    tf.tidy(() => {
      const y = nn.attention(tf.ones([1, 1, 3, 2]), tf.ones([1, 1, 1, 2]), tf.ones([1, 1, 1, 2]), { causal: true });
      expect([...y.dataSync()]).toEqual([0, 0, 0, 0, 1, 1]);
    });
  });
});
