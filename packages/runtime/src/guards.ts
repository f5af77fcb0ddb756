import * as tf from "@tensorflow/tfjs-core";
import { freeingTape } from "./freeing-tape.js";
import { TraceError } from "./trace-error.js";

/** Kernels whose output shape depends on values. */
const dataDependent = new Set(["NonMaxSuppressionV3", "NonMaxSuppressionV4", "NonMaxSuppressionV5", "Unique", "Where"]);

/** What the guards know of the call in progress. */
interface Trace {
  readonly producers: WeakMap<object, string>;
  /** The kernel that runs. */
  kernel: string | undefined;
  refused: TraceError | undefined;
}

let trace: Trace | undefined;
let watched: object | undefined;

/** Whether a guarded function runs. */
export const isGuarded = (): boolean => trace !== undefined;

/** The kernel of tfjs that a guarded function runs just now. */
export const currentKernel = (): string | undefined => trace?.kernel;

/**
 * Runs `fn` and refuses what no program of tensors can do; not to be nested.
 *
 * @throws TraceError
 */
export function guarded<R>(fn: () => R): R {
  guardEngine();
  const current: Trace = { producers: new WeakMap(), kernel: undefined, refused: undefined };
  const hostRandom = Math.random;
  trace = current;
  // tfjs seeds its unseeded draws from here, so this is where they show.
  Math.random = () => (current.kernel !== undefined ? hostRandom() : refuse("random", "Math.random"));
  try {
    const result = freeingTape(fn);
    if (result instanceof Promise) current.refused ??= traceError("read", "async function");
    if (current.refused !== undefined) throw current.refused;
    return result;
  } finally {
    trace = undefined;
    Math.random = hostRandom;
  }
}

/** Runs what may read values where a guarded function goes, as the kernels may. */
export function unguarded<R>(fn: () => R): R {
  const current = trace;
  trace = undefined;
  try {
    return fn();
  } finally {
    trace = current;
  }
}

/** Puts the guards between tfjs and its engine, once; outside of a `jit` call they only pass on. */
function guardEngine(): void {
  const engine = tf.engine();
  if (watched === engine) return;
  watched = engine;
  const { runKernel, makeVariable, readSync, read } = engine;

  engine.runKernel = function guardedKernel<T extends tf.Tensor | tf.Tensor[]>(
    ...[name, inputs, attributes]: Parameters<typeof runKernel>
  ): T {
    if (trace === undefined || trace.kernel !== undefined) return runKernel.call(engine, name, inputs, attributes) as T;
    if (dataDependent.has(name)) refuse("shape", name);
    if (name === "Multinomial") refuse("random", name);
    trace.kernel = name;
    try {
      const output = runKernel.call(engine, name, inputs, attributes) as T;
      for (const tensor of Array.isArray(output) ? output : [output]) trace.producers.set(tensor.dataId, name);
      return output;
    } finally {
      trace.kernel = undefined;
    }
  };
  engine.makeVariable = (...args) => {
    if (trace !== undefined && trace.kernel === undefined) refuse("variable", "variable");
    return makeVariable.apply(engine, args);
  };
  // A kernel may read its input.
  engine.readSync = (id) => {
    if (trace !== undefined && trace.kernel === undefined) refuse("read", trace.producers.get(id) ?? "an input");
    return readSync.call(engine, id);
  };
  engine.read = (id) => {
    if (trace === undefined || trace.kernel !== undefined) return read.call(engine, id);
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
