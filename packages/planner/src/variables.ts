import * as tf from "@tensorflow/tfjs-core";
import type { Rng } from "@x/core";
import type { NamedVariables } from "@x/runtime";

/** A variable of normal draws. */
export function normalVariable(rng: Rng, shape: readonly number[], deviation: number): tf.Variable {
  const size = shape.reduce((product, n) => product * n, 1);
  return variable(
    Float32Array.from({ length: size }, () => deviation * rng.normal()),
    shape,
  );
}

/** A variable of one number repeated. */
export function constantVariable(shape: readonly number[], value: number): tf.Variable {
  return variable(new Float32Array(shape.reduce((product, n) => product * n, 1)).fill(value), shape);
}

/** A variable of given numbers. */
export function variable(values: Float32Array, shape: readonly number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, [...shape])));
}

/** A variable of Xavier's deviation √(2 / (inputs + outputs)), `[inputs, outputs]`. */
export function xavierVariable(rng: Rng, inputs: number, outputs: number): tf.Variable {
  return normalVariable(rng, [inputs, outputs], Math.sqrt(2 / (inputs + outputs)));
}

/** The variable of that name; it exists by construction. */
export function pick(variables: NamedVariables, name: string): tf.Variable {
  return variables.get(name)!;
}
