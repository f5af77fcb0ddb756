import * as tf from "@tensorflow/tfjs-core";
import { ConfigError } from "@x/core";
import { type Compiled, compile } from "./graph/compile.js";
import type { ProgramKind } from "./graph/program.js";
import { signatureOf } from "./graph/structure.js";
import { currentKernel, guarded, isGuarded } from "./guards.js";
import type { TensorFlowBackend } from "./tensorflow-binding.js";
import { TraceError } from "./trace-error.js";
import { tensorsIn } from "./variables.js";

/** What became of a `jit` function so far. */
export interface JitStats {
  /** Calls that ran as a program. */
  readonly calls: number;
  /** Signatures that were compiled, those that have been dropped since included. */
  readonly traces: number;
  /** Time spent on that, in ms. */
  readonly compileMs: number;
  /** The programs that are loaded: how they run, their operations, and the size of their graphs in bytes. */
  readonly programs: readonly { readonly kind: ProgramKind; readonly operations: number; readonly bytes: number }[];
}

/** A function that `jit` has made. */
export interface Jitted<A extends unknown[], R> {
  (...args: A): R;
  readonly stats: JitStats;
}

/**
 * Makes a function of tensors one program.
 *
 * Inputs are the arguments and the variables that `fn` reads; assigning a variable is an output. Variables among the
 * arguments may be others at each call, also those of an object that names them (`traced`); those that `fn` captures may
 * not, and none may be both. Their names must not matter. Any other tensor that `fn` captures is a constant, and so is a JS number among the arguments: what changes from call
 * to call is a scalar tensor. Loops and branches over JS values are unrolled; `whileLoop` is not.
 *
 * `fn` runs in a scope that keeps what it returns (tensors in arrays, maps and plain objects) and what it assigned, and
 * nothing else. On TensorFlow the first call with arguments of a new signature (shapes, dtypes, values of what is no tensor;
 * functions, sets and objects of other classes count as themselves)
 * runs it once to write down its operations; they become one graph, compiled by XLA where it can, and give the same results
 * up to rounding; an index out of range, an error elsewhere, is the nearest one to XLA. That takes a fraction of a second for
 * a small function and some for a large one: pad to few shapes. The 100 programs used last are kept. The environment variable
 * `X_JIT=graph` does without XLA, `X_JIT=off` without programs; inside of a gradient `fn` runs as it is. What no program can
 * do is refused everywhere:
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
 *   `stats` says what was compiled. A program that TensorFlow refuses is a warning, and runs eagerly.
 * @throws TraceError (from the returned function) naming the operation and what to write instead.
 */
export function jit<A extends unknown[], R>(fn: (...args: A) => R): Jitted<A, R> {
  const cache: Cache<A, R> = { programs: new Map(), calls: 0, traces: 0, compileMs: 0 };
  const call = (...args: A): R => {
    if (isGuarded()) return scoped(fn, args);
    const native = compiler();
    if (native === undefined) return guarded(() => scoped(fn, args));
    const program = programFor(native, cache, fn, args);
    if (program === undefined) return guarded(() => scoped(fn, args));
    cache.calls++;
    return program.run(args);
  };
  const jitted = Object.defineProperty(call, "stats", {
    get: (): JitStats => {
      const { calls, traces, compileMs, programs } = cache;
      const loaded = [...programs.values()].filter((program) => program !== undefined);
      return {
        calls,
        traces,
        compileMs,
        programs: loaded.map(({ kind, operations, bytes }) => ({ kind, operations, bytes })),
      };
    },
  }) as Jitted<A, R>;
  collected.register(jitted, cache);
  return jitted;
}

interface Cache<A extends unknown[], R> {
  /** By signature, the one used last at the end; undefined where TensorFlow refused. */
  readonly programs: Map<string, Compiled<A, R> | undefined>;
  calls: number;
  traces: number;
  compileMs: number;
}

/** A function that nobody can call any more needs no programs. */
const collected = new FinalizationRegistry<Cache<never, unknown>>(({ programs }) => {
  for (const program of programs.values()) program?.unload();
});

/**
 * What `X_JIT` asks for: `xla` (default), `graph` or `off`.
 *
 * @throws ConfigError for anything else.
 */
export function jitLevel(): string {
  const level = process.env.X_JIT || "xla";
  if (Object.hasOwn(kindsOf, level)) return level;
  throw new ConfigError(`jit: X_JIT must be ${Object.keys(kindsOf).join(", ")} or unset, got ${JSON.stringify(level)}`);
}

/** The ways to run a program, in the order in which they are tried. */
const kindsOf: Readonly<Record<string, readonly ProgramKind[]>> = { off: [], graph: ["graph"], xla: ["xla", "graph"] };

/** Those that the environment variable `X_JIT` asks for. */
const kindsWanted = (): readonly ProgramKind[] => kindsOf[jitLevel()]!;

/** The backend for which a `jit` function that is called now becomes a program, if TensorFlow takes it. */
export const programBackend = (): TensorFlowBackend | undefined => (isGuarded() ? undefined : compiler());

/** The backend for which there are programs, unless one is not wanted now. */
function compiler(): TensorFlowBackend | undefined {
  if (tf.getBackend() !== "tensorflow" || kindsWanted().length === 0) return undefined;
  const { gradientDepth, kernelDepth } = tf.engine().state;
  return gradientDepth > 0 || kernelDepth > 0 ? undefined : (tf.backend() as TensorFlowBackend);
}

function programFor<A extends unknown[], R>(
  native: TensorFlowBackend,
  cache: Cache<A, R>,
  fn: (...args: A) => R,
  args: A,
): Compiled<A, R> | undefined {
  const { programs } = cache;
  const signature = signatureOf(args);
  const known = programs.has(signature);
  const found = programs.get(signature);
  programs.delete(signature);
  if (known && found?.isStale() !== true) {
    programs.set(signature, found);
    return found;
  }
  found?.unload();
  dropOld(programs);
  const start = performance.now();
  let program: Compiled<A, R> | undefined;
  try {
    program = compile(native, kindsWanted(), currentKernel, (...given: A) => guarded(() => fn(...given)), args);
  } catch (error) {
    if (!(TraceError.isInstance(error) && error.reason === "compile")) throw error;
    process.emitWarning(`${error.message}; the function runs eagerly`);
  }
  programs.set(signature, program);
  cache.traces++;
  cache.compileMs += performance.now() - start;
  if (cache.traces === 8 && cache.calls < 16)
    process.emitWarning(
      `jit: a function should see few signatures, got 8 in ${cache.calls + 1} calls, each compiled anew, the last one ` +
        `${signature.slice(0, 500)}; pad to few shapes, and pass numbers that change as scalar tensors`,
    );
  return program;
}

const mostPrograms = 100;

/** Makes room for one more program: those whose variables are gone go, then the one that was not used for longest. */
function dropOld<A extends unknown[], R>(programs: Cache<A, R>["programs"]): void {
  const drop = (signature: string) => {
    programs.get(signature)?.unload();
    programs.delete(signature);
  };
  for (const [signature, program] of programs) if (program?.isStale()) drop(signature);
  for (const signature of programs.keys()) if (programs.size >= mostPrograms) drop(signature);
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
