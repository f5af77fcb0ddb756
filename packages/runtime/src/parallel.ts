import { availableParallelism } from "node:os";
import * as tf from "@tensorflow/tfjs-core";
import { StateError } from "@x/core";
import { recordCall } from "./graph/nested.js";
import { currentRecorder } from "./graph/record.js";
import { programBackend } from "./jit.js";

/**
 * Runs functions that do not depend on each other.
 *
 * In a `jit` program each becomes a function of its own, compiled apart (the same ones once), and TensorFlow runs them side
 * by side on the cores; the rest of that program is a plain graph. A single one, and elsewhere all, run as if they stood
 * there one after the other.
 *
 * @param functions - what they read of the outside are their inputs; no two of them may assign the same variable.
 * @returns what they return: tensors in arrays, maps and plain objects.
 * @throws StateError inside of a gradient, which does not reach through.
 */
export function parallel<R>(functions: readonly (() => R)[]): R[] {
  refuseGradient("parallel");
  const recorder = currentRecorder();
  const apart = functions.length > 1 && recorder !== undefined;
  return functions.map((fn) => (apart ? recordCall(recorder, fn) : fn()));
}

/**
 * How many functions `parallel` runs at a time, here or in a `jit` function that is called here: the cores in a program on
 * TensorFlow's CPU, else 1.
 */
export function lanes(): number {
  const native = currentRecorder()?.native ?? programBackend();
  return native === undefined || native.isUsingGpuDevice ? 1 : availableParallelism();
}

/** The items in up to `count` parts of about the same size, the largest items dealt out first. */
export function balanced<T>(items: readonly T[], count: number, sizeOf: (item: T) => number): T[][] {
  const parts = Array.from({ length: Math.min(count, items.length) }, () => ({ size: 0, items: [] as T[] }));
  for (const item of items.toSorted((a, b) => sizeOf(b) - sizeOf(a))) {
    const least = parts.reduce((best, part) => (part.size < best.size ? part : best));
    least.items.push(item);
    least.size += sizeOf(item);
  }
  return parts.map((part) => part.items);
}

/** @throws StateError when a gradient is being recorded. */
export function refuseGradient(caller: string): void {
  if (tf.engine().state.gradientDepth > 0)
    throw new StateError(`${caller}: there must be no gradient around it; take the gradient inside`);
}
