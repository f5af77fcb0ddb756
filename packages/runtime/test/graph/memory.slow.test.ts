import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, jit } from "../../src/index.js";
import type { TensorFlowBackend } from "../../src/tensorflow-binding.js";
import { backends } from "../backends.js";
import { setJit } from "./with-jit.js";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

describe.runIf(backends.includes("native"))("the memory of jit", () => {
  let binding: TensorFlowBackend["binding"] & { getNumOfTensors(): number; getNumOfSavedModels(): number };
  beforeAll(async () => {
    await createRuntime({ backend: "native" });
    binding = (tf.backend() as TensorFlowBackend).binding as typeof binding;
  });
  const outside = process.env.X_JIT;
  afterEach(() => setJit(outside));
  const counts = () => [tf.memory().numTensors, tf.memory().numDataBuffers, binding.getNumOfTensors()];

  /** Waits for the garbage collector to have told of what is gone. */
  async function settled(models: number): Promise<void> {
    for (let i = 0; i < 50 && binding.getNumOfSavedModels() > models; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it.each(["graph", "xla"] as const)("is the same after 10,000 calls as %s", (kind) => {
    const [x, v] = tf.tidy(() => [tf.tensor1d([1, 2]), tf.variable(tf.zeros([2]))]);
    const f = jit((x: tf.Tensor) => {
      v.assign(tf.add(tf.mul(v, 0.5), x));
      return { sum: tf.sum(v), list: [tf.neg(x), x] };
    });
    const call = () => {
      const { sum, list } = f(x);
      tf.dispose([sum, list[0]!]);
    };
    setJit(kind);
    for (let i = 0; i < 10_000; i++) call(); // V8 and TensorFlow take their room
    const held = counts();
    collect();
    const size = process.memoryUsage().rss;
    for (let i = 0; i < 10_000; i++) call();
    expect(counts()).toEqual(held);
    collect();
    expect((process.memoryUsage().rss - size) / 10_000).toBeLessThan(1024); // bytes a call
    expect(f.stats).toMatchObject({ calls: 20_000, traces: 1, programs: [{ kind }] });
    tf.dispose([x, v]);
  });

  it("lets go of 200 functions that nobody holds any more, and of programs that went stale", async () => {
    setJit("graph");
    collect();
    await settled(0);
    const models = binding.getNumOfSavedModels();
    const held = counts();
    const x = tf.tensor1d([1, 2]);
    for (let i = 0; i < 200; i++) {
      const v = tf.tidy(() => tf.variable(tf.scalar(i)));
      jit((x: tf.Tensor) => tf.mul(x, v))(x).dispose();
      v.dispose();
    }
    await settled(models);
    expect(binding.getNumOfSavedModels()).toBe(models);

    let state = tf.tidy(() => tf.variable(tf.scalar(1)));
    const f = jit((x: tf.Tensor) => tf.mul(x, state));
    for (let i = 0; i < 20; i++) {
      f(x).dispose();
      state.dispose();
      state = tf.tidy(() => tf.variable(tf.scalar(i)));
      expect(binding.getNumOfSavedModels()).toBe(models + 1);
    }
    tf.dispose([state, x]);
    expect(counts()).toEqual(held);
  });
});
