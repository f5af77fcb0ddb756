import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import { expect } from "vitest";
import { expectClose } from "../expect-close.js";

type Shape = readonly number[];
type Function = (...inputs: tf.Tensor[]) => tf.Tensor;

/** The same function in 64-bit numbers: values of each input in row-major order to values of the output. */
export type Reference = (...inputs: number[][]) => number[];

const size = (shape: Shape) => shape.reduce((product, length) => product * length, 1);

/**
 * Asserts that `actual` has the values of `reference`, and its gradients the central differences of
 * Σ weight ∘ reference, for standard normal inputs; and that nothing but the results stays in memory.
 */
export function expectGradients(
  actual: Function,
  reference: Reference,
  shapes: readonly Shape[],
  seed = "check",
): void {
  const rng = createRng(`${seed} ${JSON.stringify(shapes)}`);
  const draw = (count: number) => Array.from({ length: count }, () => Math.fround(rng.normal()));
  const inputs = shapes.map((shape) => draw(size(shape)));
  const expected = reference(...inputs);
  const weight = draw(expected.length);

  const [values, grads] = evaluate(actual, shapes, inputs, weight);
  expectClose(values, expected, { rtol: 1e-5, atol: 1e-5 });
  const loss = (changed: number[][]) => reference(...changed).reduce((sum, y, i) => sum + weight[i]! * y, 0);
  const h = 1e-5;
  for (const [n, input] of inputs.entries()) {
    const differences = input.map((x, i) => {
      const at = (value: number) => loss(inputs.map((other, m) => (m === n ? other.with(i, value) : other)));
      return (at(x + h) - at(x - h)) / (2 * h);
    });
    expectClose(grads[n]!, differences, { rtol: 1e-4, atol: 3e-5 });
  }
}

/** A tensor in a fixture file. */
interface Stored {
  readonly shape: number[];
  readonly values: number[];
}

interface Case {
  readonly inputs: Stored[];
  readonly constants: Record<string, Stored>;
  readonly output: Stored;
  readonly weight: Stored;
  readonly grads: Stored[];
}

const fixtures: Record<string, Case> = JSON.parse(
  readFileSync(join(import.meta.dirname, "../fixtures/nn.json"), "utf8"),
);

/** Asserts the values and gradients that PyTorch gave in the fixture of that name. */
export function expectTorch(name: string, actual: Function): void {
  const { inputs, output, weight, grads } = fixtures[name]!;
  const shapes = inputs.map(({ shape }) => shape);
  const [values, found] = evaluate(
    actual,
    shapes,
    inputs.map(({ values }) => values),
    weight.values,
  );
  expectClose(values, output.values, { rtol: 1e-5, atol: 1e-5 });
  for (const [i, grad] of grads.entries()) expectClose(found[i]!, grad.values, { rtol: 1e-5, atol: 1e-5 });
}

/** A constant of a fixture, such as labels. */
export function torchConstant(name: string, constant: string, dtype: tf.DataType = "float32"): tf.Tensor {
  const { shape, values } = fixtures[name]!.constants[constant]!;
  return tf.tensor(values, shape, dtype);
}

function evaluate(actual: Function, shapes: readonly Shape[], inputs: number[][], weight: number[]) {
  const tensors = inputs.map((values, i) => tf.tensor(values, [...shapes[i]!]));
  const before = tf.memory().numTensors;
  const y = actual(...tensors);
  expect(tf.memory().numTensors).toBe(before + 1);
  const values = y.dataSync();
  const weighted = tf.tensor(weight, y.shape);
  y.dispose();
  const grads = tf.grads((...xs) => tf.sum(tf.mul(actual(...xs), weighted)))(tensors);
  expect(tf.memory().numTensors).toBe(before + 1 + tensors.length);
  const found = grads.map((grad) => grad.dataSync());
  tf.dispose([tensors, weighted, grads]);
  return [values, found] as const;
}

/** The rows of a row-major array. */
export function rowsOf(values: readonly number[], width: number): number[][] {
  return Array.from({ length: values.length / width }, (_, i) => values.slice(i * width, (i + 1) * width));
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
export const dot = (a: readonly number[], b: readonly number[]): number => sum(a.map((x, i) => x * b[i]!));
