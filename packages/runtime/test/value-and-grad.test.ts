import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { jit, valueAndGrad } from "../src/index.js";

describe("valueAndGrad", () => {
  it("gives the value and the gradients by name, in a scope that keeps them", () => {
    const w = tf.variable(tf.tensor([1, 2, 3]));
    const b = tf.variable(tf.scalar(4));
    const before = tf.memory().numTensors;
    const variables = new Map([
      ["layer.w", w],
      ["layer.b", b],
    ]);
    const f = jit(() => valueAndGrad(() => tf.mul<tf.Scalar>(tf.sum(tf.square(w)), b), variables));
    const { value, grads } = f();
    expect(tf.memory().numTensors).toBe(before + 3);
    expect(value.dataSync()[0]).toBe(56);
    expect([...grads.get("layer.w")!.dataSync()]).toEqual([8, 16, 24]);
    expect([...grads.get("layer.b")!.dataSync()]).toEqual([14]);
    tf.dispose([value, ...grads.values(), w, b]);
  });

  it("gives zeros for a variable that the value does not depend on", () => {
    const [used, unused] = [tf.variable(tf.scalar(2)), tf.variable(tf.ones([2, 2]))];
    const variables = new Map([
      ["used", used],
      ["unused", unused],
    ]);
    const { grads } = valueAndGrad(() => tf.square(used), variables);
    expect([...grads.get("unused")!.dataSync()]).toEqual([0, 0, 0, 0]);
    expect(grads.get("unused")!.shape).toEqual([2, 2]);
  });

  it("differentiates by what is listed and by nothing else, trainable or not", () => {
    const [a, b] = [tf.variable(tf.scalar(2), false), tf.variable(tf.scalar(3))];
    const { grads } = valueAndGrad(() => tf.mul(a, b), new Map([["a", a]]));
    expect([...grads.keys()]).toEqual(["a"]);
    expect(grads.get("a")!.dataSync()[0]).toBe(3);
  });

  it("throws in the value of a custom gradient, where nothing is recorded", () => {
    const w = tf.variable(tf.scalar(2));
    const inside = tf.customGrad((x) => {
      const { grads } = valueAndGrad(() => tf.mul<tf.Scalar>(w, w), new Map([["w", w]]));
      return { value: grads.get("w")!, gradFunc: () => x as tf.Tensor };
    });
    expect(() => tf.tidy(() => inside(w))).toThrow(StateError);
    w.dispose();
  });

  it("throws for a value that is no scalar and for an empty list", () => {
    const w = tf.variable(tf.tensor([1, 2, 3]));
    const variables = new Map([["w", w]]);
    expect(() => valueAndGrad(() => tf.square(w) as tf.Tensor as tf.Scalar, variables)).toThrow(ShapeError);
    expect(() => valueAndGrad(() => tf.scalar(1), new Map())).toThrow(ValueError);
  });
});
