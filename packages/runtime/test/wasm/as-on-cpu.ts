import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { beforeAll, describe, expect } from "vitest";
import { createRuntime } from "../../src/index.js";
import { expectClose } from "../expect-close.js";

type Function = (...inputs: tf.Tensor[]) => tf.Tensor;

/** Tests of a kernel that wasm alone has against the composed form, which cpu runs. */
export function onWasm(title: string, tests: () => void): void {
  describe(`${title} on wasm`, () => {
    beforeAll(async () => {
      for (const backend of ["cpu", "wasm"] as const) await createRuntime({ backend });
    });
    tests();
  });
}

/** Asserts that f uses these kernels on wasm, forward and backward, and gives the values and gradients that cpu gives. */
export async function expectAsOnCpu(kernels: readonly string[], f: Function, ...shapes: number[][]): Promise<void> {
  await tf.setBackend("cpu");
  const expected = evaluate(f, shapes);
  await tf.setBackend("wasm");
  const before = tf.memory().numTensors;
  const found = evaluate(f, shapes);
  expect(tf.memory().numTensors).toBe(before);
  for (const [i, values] of found.entries()) expectClose(values, expected[i]!, { rtol: 1e-5, atol: 1e-5 });
  const { kernelNames } = await tf.profile(() => {
    evaluate(f, shapes);
  });
  expect(kernelNames).toEqual(expect.arrayContaining([...kernels]));
}

/** The value of f at standard normal inputs, and the gradients of Σ weight ∘ f. */
function evaluate(f: Function, shapes: readonly number[][]): Float32Array[] {
  return tf.tidy(() => {
    const rng = createRng(JSON.stringify(shapes));
    const draw = (shape: number[]) =>
      tf.tensor(
        Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => rng.normal()),
        shape,
      );
    const inputs = shapes.map(draw);
    const y = f(...inputs);
    const weight = draw(y.shape);
    const grads = tf.grads((...xs) => tf.sum(tf.mul(f(...xs), weight)))(inputs);
    return [y, ...grads].map((tensor) => tensor.dataSync() as Float32Array);
  });
}
