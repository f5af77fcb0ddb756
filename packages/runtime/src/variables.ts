import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "@x/core";

/** Variables by the name under which they are saved; the name that tfjs knows them by plays no part. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/** Tensors by name: gradients, or saved values of variables. */
export type NamedTensors = ReadonlyMap<string, tf.Tensor>;

/** Every tensor in a value made of arrays, maps and plain objects. */
export function tensorsIn(value: unknown): tf.Tensor[] {
  if (value instanceof tf.Tensor) return [value];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return [];
  const children = value instanceof Map ? value.values() : Object.values(value);
  return Array.from(children, tensorsIn).flat();
}

/**
 * Gives every variable the saved value of its name, copying nothing.
 *
 * @param caller - the function that the message names.
 * @throws StateError listing every name that is missing, surplus or of another shape or dtype; nothing is assigned then.
 */
export function assignAll(caller: string, variables: NamedVariables, values: NamedTensors): void {
  const signature = (tensor: tf.Tensor) => `${tensor.dtype}[${tensor.shape}]`;
  const problems: string[] = [];
  for (const [name, variable] of variables) {
    const value = values.get(name);
    if (value === undefined) problems.push(`${name} is missing`);
    else if (signature(value) !== signature(variable))
      problems.push(`${name} must be ${signature(variable)}, got ${signature(value)}`);
  }
  for (const name of values.keys()) if (!variables.has(name)) problems.push(`${name} is unknown`);
  if (problems.length > 0) throw new StateError(`${caller}: saved tensors must fit: ${problems.join("; ")}`);
  for (const [name, variable] of variables) variable.assign(values.get(name)!);
}
