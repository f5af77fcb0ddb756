import * as tf from "@tensorflow/tfjs-core";
import type { Jitted } from "../../src/index.js";
import type { TensorFlowBackend } from "../../src/tensorflow-binding.js";

/** Runs `fn` with that value of X_JIT. */
export function withJit<R>(value: "graph" | "xla" | "off", fn: () => R): R {
  const before = process.env.X_JIT;
  setJit(value);
  try {
    return fn();
  } finally {
    setJit(before);
  }
}

export function setJit(value: string | undefined): void {
  if (value === undefined) delete process.env.X_JIT;
  else process.env.X_JIT = value;
}

export const native = () =>
  tf.backend() as TensorFlowBackend & {
    readonly binding: { getNumOfTensors(): number; getNumOfSavedModels(): number };
  };
export const list = (tensor: tf.Tensor) => Array.from(tensor.dataSync());
export const kinds = <A extends unknown[], R>({ stats }: Jitted<A, R>) => stats.programs.map(({ kind }) => kind);
/** The values of what `run` returns, which is disposed. */
export const valuesOf = (run: () => tf.Tensor | readonly tf.Tensor[]): number[][] => {
  const results = [run()].flat() as tf.Tensor[];
  const values = results.map(list);
  tf.dispose(results);
  return values;
};
