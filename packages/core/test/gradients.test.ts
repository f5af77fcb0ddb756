import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, it } from "vitest";
import { createRng, type Rng } from "../src/index.js";
import { expectClose } from "./expect-close.js";

beforeAll(async () => {
  tf.env().set("IS_TEST", true);
  await tf.setBackend("cpu");
});

const shape: [number, number] = [3, 4];

/** Smooth operations that keep the shape; between them they use most of the gradient table that models need. */
const operations: readonly ((x: tf.Tensor2D, rng: Rng) => tf.Tensor2D)[] = [
  (x) => tf.tanh(x),
  (x) => tf.sigmoid(x),
  (x) => tf.exp(tf.mul(x, 0.3)),
  (x) => tf.sin(x),
  (x) => tf.softplus(x),
  (x) => tf.pow(tf.add(tf.square(x), 1), 0.7),
  (x) => tf.square(x),
  (x) => tf.sqrt(tf.add(tf.square(x), 1)),
  (x) => tf.log(tf.add(tf.square(x), 1)),
  (x) => tf.div(x, tf.add(tf.abs(tf.add(x, 5)), 1)),
  (x) => tf.softmax(x),
  (x) => tf.logSoftmax(x),
  (x) => tf.sub(x, tf.logSumExp(x, -1, true)),
  (x) => tf.sub(x, tf.mean(x, 0, true)),
  (x) => tf.cumsum(x, 1),
  (x) => tf.transpose(tf.reshape(x, [4, 3])),
  (x) => tf.gather(x, tf.tensor1d([2, 0, 0], "int32")),
  (x) => tf.concat([tf.slice(x, [1, 0], [2, 4]), tf.slice(x, [0, 0], [1, 4])]),
  (x) =>
    tf.pad(tf.slice(x, [0, 1], [3, 2]), [
      [0, 0],
      [1, 1],
    ]),
  (x) => tf.atan(x),
  (x, rng) =>
    tf.matMul(
      x,
      tf.tensor2d(
        Array.from({ length: 16 }, () => 0.5 * rng.normal()),
        [4, 4],
      ),
    ),
];

/** A random expression: four operations, each added to what there was, then a random linear form. */
function expression(seed: number): (x: tf.Tensor) => tf.Scalar {
  const chosen = createRng(seed);
  const picks = Array.from({ length: 4 }, () => chosen.int(operations.length));
  const form = Array.from({ length: 12 }, () => chosen.normal());
  return (x) => {
    const rng = createRng(`constants ${seed}`);
    const y = picks.reduce((y, pick) => tf.add(tf.mul(y, 0.5), operations[pick]!(y, rng)), x as tf.Tensor2D);
    return tf.sum(tf.mul(y, tf.tensor2d(form, shape)));
  };
}

/** Central differences of fourth order: (f(−2h) − 8 f(−h) + 8 f(h) − f(2h)) / 12h. */
function differences(f: (x: tf.Tensor) => tf.Scalar, x: readonly number[], h: number): number[] {
  const value = (i: number, by: number) =>
    tf.tidy(
      () =>
        f(
          tf.tensor2d(
            x.map((v, k) => (k === i ? v + by : v)),
            shape,
          ),
        ).dataSync()[0]!,
    );
  return x.map((_, i) => (value(i, -2 * h) - 8 * value(i, -h) + 8 * value(i, h) - value(i, 2 * h)) / (12 * h));
}

describe("@x/core/gradients", () => {
  it("is needed: tfjs-core alone has no gradients", () => {
    expect(() => tf.tidy(() => tf.grad((x) => tf.square(x))(tf.scalar(1)))).toThrow(/gradient function not found/);
  });

  it("registers every gradient that tfjs has", async () => {
    await import("@x/core/gradients");
    const table = createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/dist/register_all_gradients.js");
    const files = [...readFileSync(table, "utf8").matchAll(/from '\.\/gradients\/(\w+)_grad'/g)].map((m) => m[1]!);
    expect(files.length).toBeGreaterThan(90);
    expect(tf.getGradient(tf.SquaredDifference)).toBeDefined();
    const named = files.map((file) => file.replace(/_/g, "").toLowerCase());
    const kernels = Object.entries(tf).filter(([key, value]) => value === key && named.includes(key.toLowerCase()));
    expect(kernels.length).toBeGreaterThan(90);
    expect(kernels.filter(([key]) => tf.getGradient(key) === undefined)).toEqual([]);
  });

  it.each([...Array(20).keys()])("agrees with finite differences: expression %i", async (seed) => {
    await import("@x/core/gradients");
    const f = expression(seed);
    const rng = createRng(`point ${seed}`);
    const x = Array.from({ length: 12 }, () => rng.normal());
    const numTensors = tf.memory().numTensors;
    const gradient = tf.tidy(() => tf.grad(f)(tf.tensor2d(x, shape)).dataSync());
    // Numbers are float32: h⁴ of the stencil against 1e-7 / h of rounding.
    expectClose(gradient, differences(f, x, 0.02), { rtol: 2e-3, atol: 2e-3 });
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
