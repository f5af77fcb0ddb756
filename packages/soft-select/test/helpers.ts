import * as tf from "@tensorflow/tfjs-core";
import "@x/core/gradients";
import { expect } from "vitest";

/** Compares numbers entry by entry: |actual − expected| ≤ atol + rtol·|expected|; NaN never passes. */
export function expectClose(
  actual: tf.Tensor | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  { rtol = 0, atol = 1e-6 } = {},
): void {
  const a = Array.from(actual instanceof tf.Tensor ? actual.dataSync() : actual);
  const e = typeof expected === "number" ? [expected] : Array.from(expected);
  expect(a.length).toBe(e.length);
  for (let i = 0; i < e.length; i++)
    if (!(Math.abs(a[i]! - e[i]!) <= atol + rtol * Math.abs(e[i]!)))
      expect.fail(`entry ${i}: got ${a[i]}, expected ${e[i]}\nall: ${a.slice(0, 50)}`);
}

export const numbers = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());

/** ∂⟨f(x), g⟩/∂x. */
export function vjp(f: (x: tf.Tensor) => tf.Tensor, x: tf.Tensor, g: tf.Tensor): tf.Tensor {
  return tf.grad(f)(x, g);
}

/** Central differences of a function of numbers. */
export function numericGradient(f: (x: number[]) => number, x: readonly number[], step = 1e-2): number[] {
  return x.map((_, i) => {
    const at = (shift: number) => f(x.map((v, j) => (i === j ? v + shift : v)));
    return (at(step) - at(-step)) / (2 * step);
  });
}

/** That a call leaves no tensor behind but what it returns. */
export function expectNoLeak(call: () => tf.TensorContainer): void {
  const before = tf.memory().numTensors;
  tf.dispose(call());
  expect(tf.memory().numTensors).toBe(before);
}
