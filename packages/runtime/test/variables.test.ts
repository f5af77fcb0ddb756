import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "@x/core";
import { describe, expect, it } from "vitest";
import { assignAll, tensorsIn } from "../src/variables.js";

describe("tensorsIn", () => {
  it("finds tensors in arrays, maps and plain objects, and nothing elsewhere", () => {
    const [a, b, c] = [tf.scalar(1), tf.scalar(2), tf.variable(tf.scalar(3))];
    expect(
      tensorsIn({ a, list: [b, new Map([["c", c]])], n: 1, s: "x", none: null, data: new Float32Array(3) }),
    ).toEqual([a, b, c]);
    expect(tensorsIn(undefined)).toEqual([]);
  });
});

describe("assignAll", () => {
  it("assigns by name, and nothing at all when a name does not fit", () => {
    const variables = new Map([
      ["a", tf.variable(tf.scalar(0))],
      ["b", tf.variable(tf.scalar(0))],
    ]);
    const saved = new Map([
      ["b", tf.scalar(2)],
      ["a", tf.scalar(1)],
    ]);
    assignAll("test", variables, saved);
    expect(Array.from(variables.values(), (v) => v.dataSync()[0])).toEqual([1, 2]);
    expect(() => assignAll("test", variables, new Map([["a", tf.scalar(5)]]))).toThrow(StateError);
    expect(variables.get("a")!.dataSync()[0]).toBe(1);
  });
});
