import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { alias, currentRecorder, handleOf, idOf, record } from "../../src/graph/record.js";
import { createRuntime } from "../../src/index.js";
import type { TensorFlowBackend } from "../../src/tensorflow-binding.js";
import { backends } from "../backends.js";
import { withJit } from "./with-jit.js";

describe.runIf(backends.includes("native"))("record", () => {
  let native: TensorFlowBackend;
  let x: tf.Tensor;
  beforeAll(async () => {
    await createRuntime({ backend: "native" });
    native = tf.backend() as TensorFlowBackend;
  });
  beforeEach(() => {
    tf.engine().startScope();
    x = tf.tensor1d([1, -2]);
  });
  afterEach(() => tf.engine().endScope());
  const recorded = (fn: () => unknown, kernel?: string) => record(native, () => kernel, [idOf(native, x)], fn);

  it("writes down operations with inputs, outputs and the values that came from JavaScript", () => {
    const { recording, result } = recorded(() => tf.add(tf.neg(x), tf.tensor1d([3, 4])));
    expect(recording.ops.map(({ name }) => name)).toEqual(["Neg", "Add"]);
    const [neg, add] = recording.ops;
    expect(neg!.inputs).toEqual([idOf(native, x)]);
    expect(add!.inputs[0]).toBe(neg!.outputs[0]!.id);
    expect(recording.constants.get(add!.inputs[1]!)).toEqual({ type: 1, shape: [2], values: Float32Array.of(3, 4) });
    expect(recording.handles.get(idOf(native, result as tf.Tensor))).toMatchObject({ shape: [2], dtype: 1 });
    expect(handleOf(native, x)).toEqual(recording.handles.get(idOf(native, x)));
  });

  it("copies the values, which belong to the caller", () => {
    const values = Float32Array.of(3, 4);
    const { recording } = recorded(() => {
      const made = tf.add(x, tf.tensor1d(values));
      values.fill(0);
      return made;
    });
    expect([...recording.constants.values()].map((constant) => [...constant.values])).toEqual([[3, 4]]);
  });

  it("is over when the function returns or throws, and the binding is the old one", () => {
    const { binding } = native;
    recorded(() => expect([currentRecorder() !== undefined, native.binding === binding]).toEqual([true, false]));
    expect([currentRecorder() !== undefined, native.binding]).toEqual([false, binding]);
    const fail = () => {
      throw new Error("mine");
    };
    expect(() => recorded(fail)).toThrow("mine");
    expect([currentRecorder() !== undefined, native.binding]).toEqual([false, binding]);
    expect(recorded(() => tf.neg(x)).recording.ops).toHaveLength(1);
  });

  it("lets a kernel read what depends on no input, and refuses the rest", () => {
    const read = (tensor: () => tf.Tensor, kernel?: string) => () =>
      recorded(() => native.readSync(tensor().dataId), kernel).result as Float32Array;
    expect([...read(() => tf.neg(tf.tensor1d([3, 4])))()]).toEqual([-3, -4]);
    expect(read(() => tf.neg(x), "Topk")).toThrow(expect.objectContaining({ reason: "compile", op: "Topk" }));
    expect(read(() => tf.neg(tf.add(x, 1)), "Topk")).toThrow("Topk of Neg");
    expect(read(() => alias(native, x))).toThrow("tensorDataSync of Identity");
    expect([...read(() => tf.neg(x), "GatherV2")()]).toEqual([-1, 2]); // which only checks
  });

  it("leaves the self-test of our own operations alone when their first use is in a program", async () => {
    vi.resetModules();
    const { jit } = await import("../../src/jit.js");
    const { tensorFlowOp } = await import("../../src/tensorflow-ops.js");
    const f = jit((x: tf.Tensor) => tensorFlowOp("L2Loss", [x]) ?? tf.scalar(-1));
    const actual = withJit("graph", () => f(x));
    expect(actual.dataSync()[0]).toBe(2.5);
    expect(f.stats.programs).toMatchObject([{ kind: "graph", operations: 1 }]);
  });

  it("gives the same values another number", () => {
    const copy = alias(native, x);
    expect(idOf(native, copy)).not.toBe(idOf(native, x));
    expect([...copy.dataSync()]).toEqual([1, -2]);
    const strings = tf.tensor1d(["a"]);
    expect([...alias(native, strings).dataSync()]).toEqual(["a"]);
  });
});
