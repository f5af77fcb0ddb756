import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { jit, TraceError, type TraceReason } from "../src/index.js";
import { setJit } from "./graph/with-jit.js";

const modes = process.env.X_BACKEND === "native" ? ["off", "graph", "xla"] : ["off"];

describe.each(modes)("jit with X_JIT=%s", (mode) => {
  const outside = process.env.X_JIT;
  let before: number;
  let x: tf.Tensor1D;
  beforeAll(() => setJit(mode));
  afterAll(() => setJit(outside));
  beforeEach(() => {
    before = tf.memory().numTensors;
    x = tf.tensor1d([1, -2, 3]);
  });
  afterEach(() => {
    x.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("returns what the function returns, at any depth of arrays, maps and objects, and keeps nothing else", () => {
    const f = jit((x: tf.Tensor, scale: number) => {
      const y = tf.mul(tf.relu(x), scale);
      return { y, list: [tf.neg(y)], map: new Map([["sum", tf.sum(y)]]), n: 3, none: null };
    });
    const { y, list, map, n, none } = f(x, 2);
    expect([...y.dataSync()]).toEqual([2, 0, 6]);
    expect(list[0]!.dataSync()[0]).toBe(-2);
    expect(map.get("sum")!.dataSync()[0]).toBe(8);
    expect([n, none]).toEqual([3, null]);
    expect(tf.memory().numTensors).toBe(before + 4);
    tf.dispose([y, list, map.get("sum")!]);
  });

  it("counts its programs", () => {
    const f = jit((x: tf.Tensor) => tf.neg(x));
    for (let call = 0; call < 2; call++) f(x).dispose();
    const kinds = f.stats.programs.map(({ kind }) => kind);
    expect([f.stats.calls, f.stats.traces, kinds]).toEqual(mode === "off" ? [0, 0, []] : [2, 1, [mode]]);
  });

  it("keeps what it assigns to a variable, and returns an argument as it is", () => {
    const v = tf.tidy(() => tf.variable(tf.zerosLike(x)));
    const add = jit((x: tf.Tensor) => {
      v.assign(tf.add(v, x));
      return x;
    });
    add(x);
    expect(add(x)).toBe(x);
    expect([...v.dataSync()]).toEqual([2, -4, 6]);
    v.dispose();
  });

  it("may be called inside another and inside a gradient", () => {
    const square = jit((x: tf.Tensor) => tf.square(x));
    const f = jit((x: tf.Tensor) => tf.sum(square(x)));
    const grad = tf.grad((x) => f(x))(x);
    expect([...grad.dataSync()]).toEqual([2, -4, 6]);
    grad.dispose();
  });

  it("lets kernels read their input", () => {
    const y = jit((x: tf.Tensor1D) => tf.gather(tf.topk(x, 2).values, tf.tensor1d([1], "int32")))(x);
    expect(y.dataSync()[0]).toBe(1);
    y.dispose();
  });

  const reading: [string, (y: tf.Tensor1D) => unknown][] = [
    ["dataSync", (y) => y.dataSync()],
    ["arraySync", (y) => y.arraySync()],
    ["bufferSync", (y) => y.bufferSync()],
    ["toString", (y) => y.toString()],
    ["data", (y) => y.data()],
    ["array", (y) => void y.array()],
    ["whereAsync", (y) => tf.whereAsync(tf.greater(y, 0))],
    ["booleanMaskAsync", (y) => tf.booleanMaskAsync(y, tf.greater(y, 0))],
    ["an await", async (y) => (await y.data())[0]],
    [
      "a read inside a custom gradient",
      (y) => tf.customGrad(() => ({ value: tf.scalar(y.dataSync()[0]!), gradFunc: () => y }))(y),
    ],
  ];
  it.each(reading)("refuses %s, and names the operation that made the value", (_, read) => {
    const error = refusal(() => jit((x: tf.Tensor1D) => read(tf.relu(x)))(x));
    expect(error).toMatchObject({ reason: "read", code: "E_TRACE" });
    expect(["Relu", "Greater", "Reshape"]).toContain(error.op);
    expect(error.message).toContain(error.fix);
  });

  it("leaves nothing behind of a gradient that it refuses", () => {
    const v = tf.tidy(() => tf.variable(x));
    const held = tf.memory().numTensors;
    const grads = jit(() => tf.variableGrads(() => tf.scalar(tf.sum(tf.exp(tf.square(v))).dataSync()[0]!)));
    expect(refusal(() => grads()).reason).toBe("read");
    expect(tf.memory().numTensors).toBe(held);
    v.dispose();
  });

  it("refuses what the function catches itself", () => {
    const sneaky = jit((x: tf.Tensor) => {
      try {
        return x.dataSync();
      } catch {
        return 0;
      }
    });
    expect(refusal(() => sneaky(x)).reason).toBe("read");
  });

  it("refuses to read its argument, and an async function that reads nothing", () => {
    expect(refusal(() => jit((x: tf.Tensor) => x.dataSync())(x)).op).toBe("an input");
    expect(refusal(() => jit(async () => 1)())).toMatchObject({ reason: "read", op: "async function" });
  });

  const others: [string, TraceReason, (x: tf.Tensor1D) => unknown][] = [
    ["unique", "shape", (x) => tf.unique(x)],
    ["randomNormal", "random", () => tf.randomNormal([2])],
    ["randomUniform", "random", () => tf.randomUniform([2])],
    ["truncatedNormal", "random", () => tf.truncatedNormal([2])],
    ["dropout", "random", (x) => tf.dropout(x, 0.5)],
    ["multinomial", "random", (x) => tf.multinomial(x, 1, 7)],
    ["Math.random", "random", () => Math.random()],
    ["variable", "variable", (x) => tf.variable(x)],
  ];
  it.each(others)("refuses %s with reason %s", (_, reason, run) => {
    expect(refusal(() => jit(run)(x)).reason).toBe(reason);
  });

  it("takes a seeded draw as the constant that it is", () => {
    const f = jit(() => tf.randomNormal([3], 0, 1, "float32", 7));
    const [a, b] = [f(), f()];
    expect([...a.dataSync()]).toEqual([...b.dataSync()]);
    tf.dispose([a, b]);
  });

  it("refuses nothing outside, also after a call that failed", () => {
    const random = Math.random;
    const fails = jit(() => {
      throw new Error("mine");
    });
    expect(() => fails()).toThrow("mine");
    expect(Math.random).toBe(random);
    expect(x.dataSync()[0]).toBe(1);
    tf.dispose([tf.randomNormal([2]), tf.variable(x)]);
  });
});

/** The TraceError that `call` throws. */
function refusal(call: () => unknown): TraceError {
  try {
    call();
  } catch (error) {
    if (TraceError.isInstance(error)) return error;
    throw error;
  }
  return expect.fail("nothing was refused");
}
