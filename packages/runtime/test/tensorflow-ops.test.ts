import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { createRuntime } from "../src/index.js";
import { selfTest, tensorFlowAdam, tensorFlowOp } from "../src/tensorflow-ops.js";
import { backends } from "./backends.js";
import { expectClose } from "./expect-close.js";

const scalars = (alpha: number) => ({
  alpha: tf.scalar(alpha),
  beta1: tf.scalar(0.9),
  beta2: tf.scalar(0.99),
  epsilonHat: tf.scalar(1e-3),
  zero: tf.scalar(0),
});
const parameters = () =>
  [3, 0.5, 0.2].map((value) => tf.variable(tf.fill([2, 2], value))) as [tf.Variable, tf.Variable, tf.Variable];

describe("operations of TensorFlow alone", () => {
  it("are refused on other backends, and nothing changes", async () => {
    await createRuntime({ backend: "cpu" });
    const [theta, m, v] = parameters();
    expect(tensorFlowOp("L2Loss", [theta])).toBeUndefined();
    expect(tensorFlowAdam(theta, m, v, tf.ones([2, 2]), theta, scalars(0.1))).toBe(false);
    expectClose(
      [theta, m, v].map((x) => x.dataSync()[0]!),
      [3, 0.5, Math.fround(0.2)],
      {},
    );
  });

  it("are refused when the private surface of tfjs-node has another shape", async () => {
    await createRuntime({ backend: "cpu" });
    const before = tf.memory().numTensors;
    expect(selfTest(tf.backend() as Parameters<typeof selfTest>[0])).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.runIf(backends.includes("native"))("give the sums that they stand for", async () => {
    await createRuntime({ backend: "native" });
    const x = tf.tensor([
      [1, -2, 3],
      [4, 5, -6],
    ]);
    expectClose(tensorFlowOp("BiasAddGrad", [x])!.dataSync(), [5, 3, -3], {});
    expectClose(tensorFlowOp("L2Loss", [x])!.dataSync(), [45.5], {});
  });

  it.runIf(backends.includes("native"))(
    "Adam is the written formula, and leaves clones of the old values alone",
    async () => {
      await createRuntime({ backend: "native" });
      const [theta, m, v] = parameters();
      const clones = [theta, m, v].map((x) => tf.clone(x));
      const rate = scalars(0.1);
      const g = tf.fill([2, 2], -2);
      const before = tf.memory().numTensors;
      expect(tf.tidy(() => tensorFlowAdam(theta, m, v, g, theta, rate))).toBe(true);
      expect(tf.memory().numTensors).toBe(before);
      const [newM, newV] = [0.9 * 0.5 + 0.1 * -2, 0.99 * 0.2 + 0.01 * 4];
      expectClose(
        [theta, m, v].map((x) => x.dataSync()[3]!),
        [3 - (0.1 * newM) / (Math.sqrt(newV) + 1e-3), newM, newV],
        { rtol: 1e-6 },
      );
      expectClose(
        clones.map((x) => x.dataSync()[3]!),
        [3, 0.5, Math.fround(0.2)],
        {},
      );
      expectClose(g.dataSync(), [-2, -2, -2, -2], {});
    },
  );
});
