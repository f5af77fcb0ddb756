import * as tf from "@tensorflow/tfjs-core";
import { TraceError } from "./trace-error.js";
import { tensorsIn } from "./variables.js";

/** Kernels whose output shape depends on values. */
const dataDependent = new Set(["NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "Unique", "Where"]);

/** What the guards know of the call in progress. */
interface Trace {
  readonly producers: WeakMap<object, string>;
  kernelDepth: number;
  refused: TraceError | undefined;
}

let trace: Trace | undefined;
let guarded: object | undefined;

/**
 * Makes a function of tensors one program.
 *
 * Inputs are the arguments and the variables that `fn` reads; assigning a variable is an output. Any other tensor that
 * `fn` captures is a constant, and so is a JS number among the arguments: what changes from call to call is a scalar
 * tensor. Loops and branches over JS values are unrolled. Today the program runs eagerly: `fn` in a scope that keeps
 * what it returns (tensors in arrays, maps and plain objects) and what it assigned, and nothing else. What no program
 * can do is refused now already:
 *
 * | inside `fn` | reason | instead |
 * |---|---|---|
 * | `dataSync`, `data`, `arraySync`, `array`, `print`, `whereAsync`, `booleanMaskAsync`, an `async` function | `read` | return the tensor, mask by multiplying |
 * | `unique`, non-maximum suppression | `shape` | fixed shapes with weight 0 |
 * | unseeded `randomNormal`, `randomUniform`, `dropout`, `Math.random()`; `multinomial` | `random` | `random.*(key, …)`, the key an argument |
 * | `tf.variable` | `variable` | create it before |
 *
 * A seeded draw such as `tf.randomNormal([2], 0, 1, "float32", 7)` gives the same numbers at each call and is a constant.
 *
 * @param fn - synchronous, and pure but for the variables it assigns.
 * @returns a function of the same signature; the caller owns the tensors it returns. A `jit` function may call others.
 * @throws TraceError (from the returned function) naming the operation and what to write instead.
 */
export function jit<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  return (...args) => (trace === undefined ? runGuarded(fn, args) : scoped(fn, args));
}

function runGuarded<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  guardEngine();
  const current: Trace = { producers: new WeakMap(), kernelDepth: 0, refused: undefined };
  const hostRandom = Math.random;
  trace = current;
  // tfjs seeds its unseeded draws from here, so this is where they show.
  Math.random = () => (current.kernelDepth > 0 ? hostRandom() : refuse("random", "Math.random"));
  try {
    return scoped((...inputs: A) => {
      const result = fn(...inputs);
      if (result instanceof Promise) current.refused ??= traceError("read", "async function");
      if (current.refused !== undefined) throw current.refused;
      return result;
    }, args);
  } finally {
    trace = undefined;
    Math.random = hostRandom;
  }
}

/** `tf.tidy` that also knows maps. */
function scoped<A extends unknown[], R>(fn: (...args: A) => R, args: A): R {
  const engine = tf.engine();
  let kept: tf.Tensor[] = [];
  engine.startScope("jit");
  try {
    const result = fn(...args);
    kept = tensorsIn(result);
    return result;
  } finally {
    engine.endScope(kept);
  }
}

/** Puts the guards between tfjs and its engine, once; outside of a `jit` call they only pass on. */
function guardEngine(): void {
  const engine = tf.engine();
  if (guarded === engine) return;
  guarded = engine;
  const { runKernel, makeVariable, readSync, read } = engine;

  engine.runKernel = function guardedKernel<T extends tf.Tensor | tf.Tensor[]>(
    ...[name, inputs, attributes]: Parameters<typeof runKernel>
  ): T {
    if (trace === undefined || trace.kernelDepth > 0) return runKernel.call(engine, name, inputs, attributes) as T;
    if (dataDependent.has(name)) refuse("shape", name);
    if (name === "Multinomial") refuse("random", name);
    trace.kernelDepth++;
    try {
      const output = runKernel.call(engine, name, inputs, attributes) as T;
      for (const tensor of Array.isArray(output) ? output : [output]) trace.producers.set(tensor.dataId, name);
      return output;
    } finally {
      trace.kernelDepth--;
    }
  };
  engine.makeVariable = (...args) => {
    if (trace !== undefined && trace.kernelDepth === 0) refuse("variable", "variable");
    return makeVariable.apply(engine, args);
  };
  // A kernel may read its input.
  engine.readSync = (id) => {
    if (trace !== undefined && trace.kernelDepth === 0) refuse("read", trace.producers.get(id) ?? "an input");
    return readSync.call(engine, id);
  };
  engine.read = (id) => {
    if (trace === undefined || trace.kernelDepth > 0) return read.call(engine, id);
    // Whoever awaits the value never goes on; the call itself throws when `fn` returns.
    trace.refused ??= traceError("read", trace.producers.get(id) ?? "an input");
    return new Promise(() => {});
  };
}

function refuse(reason: Refusal, op: string): never {
  const error = traceError(reason, op);
  if (trace !== undefined) trace.refused ??= error; // so that catching it inside does not help
  throw error;
}

type Refusal = "read" | "shape" | "random" | "variable";

const advice: Record<Refusal, readonly [rule: string, fix: string]> = {
  read: ["must not read a tensor's value", "return the tensor and read it outside"],
  shape: ["must not make shapes that depend on values", "keep fixed shapes and give what is absent weight 0"],
  random: ["must not draw random numbers on the host", "use random.*(key, …) with the key as an argument"],
  variable: ["must not create a variable", "create it before the call and assign it inside"],
};

function traceError(reason: Refusal, op: string): TraceError {
  const [rule, fix] = advice[reason];
  const where = reason === "read" ? `read the output of ${op}` : op;
  return new TraceError(`jit: the function ${rule}, got ${where}`, { reason, op, fix });
}
