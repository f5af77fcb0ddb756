import * as tf from "@tensorflow/tfjs-core";

/**
 * The name of the property by which an object of a class says what a program that reads it depends on: variables, which may
 * be others at each call, and static values. Without it such an object is told apart by identity.
 */
export const traced: unique symbol = Symbol.for("@x/runtime/traced");

const isTraced = (value: object): value is { readonly [traced]: unknown } => traced in value;

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * The value with every tensor in its arrays, maps and plain objects replaced; variables and anything else stay the same
 * objects.
 */
export function mapTensors<T>(value: T, replace: (tensor: tf.Tensor) => tf.Tensor): T;
export function mapTensors(value: unknown, replace: (tensor: tf.Tensor) => tf.Tensor): unknown {
  if (value instanceof tf.Variable) return value;
  if (value instanceof tf.Tensor) return replace(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((child) => mapTensors(child, replace));
  if (value instanceof Map) return new Map(Array.from(value, ([key, child]) => [key, mapTensors(child, replace)]));
  if (isTraced(value) || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, mapTensors(child, replace)]));
}

/** The tensors that `mapTensors` replaces, one for each place. */
export const tensorsOf = (value: unknown): tf.Tensor[] => leavesOf(value).tensors;

/** The variables in arrays, maps, plain objects and what objects name by `traced`, one for each place. */
export const variablesOf = (value: unknown): tf.Variable[] => leavesOf(value).variables;

/** Both in one walk. */
export function leavesOf(value: unknown): { readonly tensors: tf.Tensor[]; readonly variables: tf.Variable[] } {
  const tensors: tf.Tensor[] = [];
  const variables: tf.Variable[] = [];
  const walk = (value: unknown, named: boolean): void => {
    if (typeof value !== "object" || value === null) return;
    if (value instanceof tf.Variable) variables.push(value);
    else if (value instanceof tf.Tensor) {
      if (!named) tensors.push(value);
    } else if (Array.isArray(value)) for (const child of value) walk(child, named);
    else if (value instanceof Map) for (const child of value.values()) walk(child, named);
    else if (isTraced(value)) walk(value[traced], true);
    else if (isPlain(value)) for (const key in value) walk((value as Record<string, unknown>)[key], named);
  };
  walk(value, false);
  return { tensors, variables };
}

const numbers = new WeakMap<object, number>();
let next = 0;

/** A number for an object that stays the same while it lives. */
function numberOf(object: object): number {
  let number = numbers.get(object);
  if (number === undefined) {
    number = next++;
    numbers.set(object, number);
  }
  return number;
}

/**
 * What a program depends on in its arguments: shapes and dtypes of tensors and of variables, which places hold the same
 * variable, and values of everything else. Functions, objects of a class without `traced`, and tensors that `traced` names,
 * are told apart by identity.
 */
export function signatureOf(value: unknown): string {
  const places = new Map<tf.Variable, number>();
  const sign = (value: unknown, named: boolean): string => {
    const all = (values: Iterable<unknown>) => Array.from(values, (child) => sign(child, named)).join();
    if (value instanceof tf.Variable) {
      if (!places.has(value)) places.set(value, places.size);
      return `v${places.get(value)}${value.dtype}[${value.shape}]`;
    }
    if (value instanceof tf.Tensor) return named ? `t${value.id}` : `${value.dtype}[${value.shape}]`;
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "function") return `f${numberOf(value)}`;
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : String(value);
    if (Array.isArray(value)) return `(${all(value)})`;
    if (value instanceof Map)
      return `m{${Array.from(value, ([key, child]) => `${sign(key, named)}:${sign(child, named)}`).join()}}`;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView))
      return `${value.constructor.name}(${all(value as Float32Array)})`;
    if (isTraced(value)) return `c${numberOf(Object.getPrototypeOf(value) ?? numbers)}(${sign(value[traced], true)})`;
    if (!isPlain(value)) return `o${numberOf(value)}`;
    return `{${Object.entries(value)
      .map(([key, child]) => `${JSON.stringify(key)}:${sign(child, named)}`)
      .join()}}`;
  };
  return sign(value, false);
}
