import * as tf from "@tensorflow/tfjs-core";
import { heldVariables } from "../held-variables.js";
import type { TensorFlowBackend } from "../tensorflow-binding.js";
import { TraceError } from "../trace-error.js";
import { tensorsIn } from "../variables.js";
import { functionOf } from "./body.js";
import type { Constant, GraphFunction } from "./graph-def.js";
import { type LoadedProgram, loadProgram, type ProgramKind } from "./program.js";
import { alias, type Handle, handleOf, idOf, record } from "./record.js";
import { leavesOf, mapTensors, tensorsOf, variablesOf } from "./structure.js";

/** A function of tensors as one program of TensorFlow, for arguments of one signature. */
export interface Compiled<A extends unknown[], R> {
  readonly kind: ProgramKind;
  readonly operations: number;
  /** Size of the graph. */
  readonly bytes: number;
  /** Whether a variable that it reads or assigns has been disposed. */
  isStale(): boolean;
  run(args: A): R;
  unload(): void;
}

/** A variable that `fn` captures, or the one at that place among the variables of the call. */
type Held = tf.Variable | { readonly variable: number };

/** Where the program meets JavaScript. */
interface Plan<R> {
  readonly body: GraphFunction;
  /** What each argument of the body is: a variable, or the tensor at that place among those of the call. */
  readonly sources: readonly (Held | number)[];
  /** What `fn` returned when it was traced; its tensors stand for results of the body or arguments, or were there before. */
  readonly template: R;
  readonly results: readonly tf.Tensor[];
  readonly passed: ReadonlyMap<tf.Tensor, number>;
  /** The variables that take the results after those of the template. */
  readonly assigned: readonly Held[];
}

/**
 * Runs `fn` once, writing down the operations, and makes a program of them. No variable has changed afterwards.
 *
 * @param kinds - how to run it: the first that TensorFlow can.
 * @param kernel - the kernel of tfjs that runs, if any.
 * @throws TraceError for what a program cannot do, `compile` when TensorFlow refuses it.
 */
export function compile<A extends unknown[], R>(
  native: TensorFlowBackend,
  kinds: readonly ProgramKind[],
  kernel: () => string | undefined,
  fn: (...args: A) => R,
  args: A,
): Compiled<A, R> {
  const engine = tf.engine();
  engine.startScope("jit");
  const held = heldVariables();
  try {
    return createProgram(native, kinds, trace(native, held.variables, kernel, fn, args), args);
  } finally {
    held.restoreAllBut([]);
    engine.endScope();
  }
}

/** Tensors may share their values; while `fn` is recorded each input has a number of its own, which tells what is meant. */
function trace<A extends unknown[], R>(
  native: TensorFlowBackend,
  variables: readonly tf.Variable[],
  kernel: () => string | undefined,
  fn: (...args: A) => R,
  args: A,
): Plan<R> {
  const inputs = new Map<number, Held | number>();
  const given = variablesOf(args);
  const held = new Map(
    variables.map((variable) => [
      variable,
      given.includes(variable) ? { variable: given.indexOf(variable) } : variable,
    ]),
  );
  for (const variable of variables) {
    variable.assign(alias(native, variable));
    inputs.set(idOf(native, variable), held.get(variable)!);
  }
  const passed = new Map<tf.Tensor, number>();
  const copies = mapTensors(args, (tensor) => {
    const copy = alias(native, tensor);
    inputs.set(idOf(native, copy), passed.size);
    passed.set(copy, passed.size);
    return copy;
  });

  const start = tf.scalar(0).id;
  const { recording, result } = record(native, kernel, [...inputs.keys()], () => fn(...copies));
  checkResult(result, given);
  const assigned = variables.filter(
    (variable) => !variable.isDisposed && inputs.get(idOf(native, variable)) !== held.get(variable),
  );
  const results = [...new Set(tensorsOf(result))].filter(({ id }) => id > start);
  const outputs = [...results, ...assigned].map((tensor) => handleOf(native, tensor));
  const used = [...inputs].flatMap(([id, source]) => {
    const handle = recording.handles.get(id) ?? outputs.find((output) => output.id === id);
    return handle === undefined ? [] : [{ handle, source }];
  });
  const { fn: body } = functionOf(recording, {
    name: "body",
    inputs: used.map(({ handle }) => handle),
    outputs,
    captured: ({ id, shape, dtype }) => ({
      type: dtype,
      shape,
      values: native.binding.tensorDataSync(id) as Constant["values"],
    }),
    kinds: native.binding,
  });
  return {
    body,
    sources: used.map(({ source }) => source),
    template: result,
    results,
    passed,
    assigned: assigned.map((variable) => held.get(variable)!),
  };
}

/** Tensors in other objects could not be told from those that each call makes, nor variables from those of other calls. */
function checkResult(result: unknown, given: readonly tf.Variable[]): void {
  const all = tensorsIn(result);
  const found = all.filter((tensor) => !(tensor instanceof tf.Variable));
  const passed = [...all, ...variablesOf(result)].find((tensor) => given.some((variable) => variable === tensor));
  if (found.length === tensorsOf(result).length && passed === undefined) return;
  const what = passed === undefined ? "a tensor in another object" : "a variable that is an argument";
  throw new TraceError(`jit: tensors must be returned in arrays, maps and plain objects, got ${what}`, {
    reason: "compile",
    op: "the result",
    fix: "return the tensors themselves",
  });
}

function createProgram<A extends unknown[], R>(
  native: TensorFlowBackend,
  kinds: readonly ProgramKind[],
  { body, sources, template, results, passed, assigned }: Plan<R>,
  example: A,
): Compiled<A, R> {
  const captured = [...sources, ...assigned].filter((source) => source instanceof tf.Variable);
  const holderIn = (variables: readonly tf.Variable[], held: Held) =>
    held instanceof tf.Variable ? held : variables[held.variable]!;
  const idsOf = ({ tensors, variables }: ReturnType<typeof leavesOf>): number[] => {
    const tensorOf = (source: Held | number) =>
      typeof source === "number" ? tensors[source]! : holderIn(variables, source);
    return native.getInputTensorIds(sources.map(tensorOf));
  };
  const { kind, loaded, first } = loadFirst(native, kinds, body, idsOf(leavesOf(example)));
  for (const { id } of first) native.binding.deleteTensor(id);
  return {
    kind,
    operations: loaded.operations,
    bytes: loaded.bytes,
    isStale: () => captured.some((variable) => variable.isDisposed),
    run(args) {
      const given = leavesOf(args);
      const made = loaded.run(idsOf(given)).map((handle) => native.createOutputTensor(handle));
      for (const [i, target] of assigned.entries()) {
        const value = made[results.length + i]!;
        holderIn(given.variables, target).assign(value);
        value.dispose();
      }
      const now = new Map(results.map((tensor, i) => [tensor, made[i]!]));
      return mapTensors(template, (tensor) => now.get(tensor) ?? given.tensors[passed.get(tensor) ?? -1] ?? tensor);
    },
    unload: () => loaded.unload(),
  };
}

/** Loads and runs the program in the first way that TensorFlow can; XLA says only then whether it can. */
function loadFirst(
  native: TensorFlowBackend,
  kinds: readonly ProgramKind[],
  body: GraphFunction,
  inputs: readonly number[],
): { kind: ProgramKind; loaded: LoadedProgram; first: readonly Handle[] } {
  let failure: unknown;
  for (const kind of kinds) {
    let loaded: LoadedProgram | undefined;
    try {
      loaded = loadProgram(native, body, kind);
      return { kind, loaded, first: loaded.run(inputs) };
    } catch (error) {
      loaded?.unload();
      failure = error;
    }
  }
  const [message] = String(failure instanceof Error ? failure.message : failure).split("\n");
  const culprit = body.nodes.find(({ name }) => new RegExp(`\\b${name}\\b`).test(String(failure)))?.op ?? "the program";
  throw new TraceError(`jit: TensorFlow must be able to run the program, got ${culprit}: ${message}`, {
    reason: "compile",
    op: culprit,
    fix: "compute it outside and pass it in",
    cause: failure,
  });
}
