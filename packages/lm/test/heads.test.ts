import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { adamW, trainStep } from "@x/runtime";
import { describe, expect, it } from "vitest";
import { type Head, qHead, valueHead } from "../src/index.js";
import { distance, tinyModel, tokensOf } from "./models.js";

const sizes = { vocabSize: 11, config: { hidden: 16 } };
const hidden = () => tf.randomNormal<tf.Rank.R3>([2, 5, 16], 0, 1, "float32", 3);

function fill(head: Head<tf.Tensor>): void {
  for (const variable of head.variables.values())
    variable.assign(tf.randomNormal(variable.shape, 0, 1, "float32", variable.size));
}

describe.each([
  ["valueHead", () => valueHead(sizes), [2, 5]],
  ["qHead, zero,", () => qHead(sizes, { kind: "zero" }), [2, 5, 11]],
  ["qHead, dueling,", () => qHead(sizes), [2, 5, 11]],
] as const)("%s", (_, create, shape) => {
  it("is 0 at the start, and frees what it owns", () => {
    const h = hidden();
    const before = tf.memory().numTensors;
    const head = create();
    const values = head.apply(h);
    expect(values.shape).toEqual(shape);
    expect(values.dataSync().every((value) => value === 0)).toBe(true);
    head.dispose();
    values.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("refuses hidden states of another width", () => {
    const head = create();
    expect(() => head.apply(tf.zeros([2, 5, 15]))).toThrow(ShapeError);
    head.dispose();
  });
});

describe("valueHead", () => {
  it("computes w·h + b", () => {
    const head = valueHead(sizes);
    fill(head);
    const h = hidden();
    const w = tf.reshape(head.variables.get("value.w")!, [16]);
    const expected = tf.add(tf.sum(tf.mul(h, w), 2), head.variables.get("value.b")!);
    expect(distance(head.apply(h), expected)).toBeLessThan(1e-5);
    head.dispose();
  });

  it("learns beside the model from one pass", () => {
    const model = tinyModel({ family: "llama" });
    const head = valueHead(model);
    const optimizer = adamW({ weightDecay: 0 });
    const step = trainStep({
      groups: [{ variables: head.variables, optimizer }],
      loss: ({ tokens, returns }: { tokens: tf.Tensor2D; returns: tf.Tensor2D }) =>
        tf.mean(tf.squaredDifference(head.apply(model.forward(tokens).hidden), returns)) as tf.Scalar,
    });
    const batch = { tokens: tokensOf([[1, 5, 3, 9]]), returns: tf.tensor2d([[1, -1, 0.5, 2]]) };
    const first = step(batch, 0.1).loss;
    for (let i = 0; i < 60; i++) step(batch, 0.1);
    expect(first).toBeCloseTo(6.25 / 4, 5);
    expect(step(batch, 0.1).loss).toBeLessThan(first / 20);
    optimizer.dispose();
    head.dispose();
    model.dispose();
  });
});

describe("qHead", () => {
  it("adds the value of the state to every action when dueling", () => {
    const [zero, dueling] = [qHead(sizes, { kind: "zero" }), qHead(sizes)];
    fill(zero);
    fill(dueling);
    const h = hidden();
    const w = tf.reshape(dueling.variables.get("value.w")!, [16]);
    const v = tf.add(tf.sum(tf.mul(h, w), 2, true), dueling.variables.get("value.b")!);
    expect(distance(dueling.apply(h), tf.add(zero.apply(h), v))).toBeLessThan(1e-5);
    for (const head of [zero, dueling]) head.dispose();
  });

  it("refuses another kind", () => {
    expect(() => qHead(sizes, { kind: "raw" as "zero" })).toThrow(ValueError);
  });
});
