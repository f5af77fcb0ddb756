import type * as tf from "@tensorflow/tfjs-core";
import type { TensorFlowBackend } from "../tensorflow-binding.js";
import { TraceError } from "../trace-error.js";
import type { Constant, GraphFunction } from "./graph-def.js";

/** An attribute as tfjs-node gives it to the binding. */
export interface BindingAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** A tensor of TensorFlow by the binding's number, which is never used twice. */
export interface Handle {
  readonly id: number;
  readonly shape: readonly number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
}

/** An operation that was executed. */
export interface RecordedOp {
  readonly name: string;
  readonly attributes: readonly BindingAttribute[];
  readonly inputs: readonly number[];
  readonly outputs: readonly Handle[];
  /** The functions that it calls, by attribute. */
  readonly functions?: Readonly<Record<string, GraphFunction>>;
}

/** What the binding was asked to do. */
export interface Recording {
  readonly ops: readonly RecordedOp[];
  /** The tensors whose values came from JavaScript. */
  readonly constants: ReadonlyMap<number, Constant>;
  /** Every handle that was an input or an output. */
  readonly handles: ReadonlyMap<number, Handle>;
}

/** Kernels of tfjs-node that read an input only to check it; the operation checks it again. */
const checking = new Set(["GatherV2"]);

/** A recording that goes on. */
export interface Recorder {
  readonly native: TensorFlowBackend;
  /** The kernel of tfjs that runs, if any. */
  readonly kernel: () => string | undefined;
  /** Writes down an operation in the place of those that have made its outputs. */
  add(op: RecordedOp): void;
}

let recorder: Recorder | undefined;

/** Where operations are being written down; then those with a state of their own must not be used. */
export const currentRecorder = (): Recorder | undefined => recorder;

/**
 * Runs `fn` on the native backend and writes down every operation that it executes. A recording within another is part
 * of both.
 *
 * @param kernel - the kernel of tfjs that runs, if any.
 * @param inputs - the binding's numbers of the tensors that change from call to call.
 * @throws TraceError `compile` when a kernel reads a value that depends on an input.
 */
export function record<R>(
  native: TensorFlowBackend,
  kernel: () => string | undefined,
  inputs: readonly number[],
  fn: () => R,
): { readonly recording: Recording; readonly result: R } {
  const { binding } = native;
  const ops: RecordedOp[] = [];
  const constants = new Map<number, Constant>();
  const handles = new Map<number, Handle>();
  const varying = new Map(inputs.map((id) => [id, "an input"]));

  const watched: Partial<TensorFlowBackend["binding"]> = {
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values);
      constants.set(id, { type: dtype, shape: [...shape], values: values.slice() as Constant["values"] });
      handles.set(id, { id, shape: [...shape], dtype });
      return id;
    },
    executeOp(name, attributes, ids, outputs) {
      const made = binding.executeOp(name, attributes, ids, outputs);
      ops.push({ name, attributes: attributes as readonly BindingAttribute[], inputs: [...ids], outputs: made });
      const varies = ids.some((id) => varying.has(id));
      for (const handle of made) {
        handles.set(handle.id, handle);
        if (varies) varying.set(handle.id, name);
      }
      return made;
    },
    tensorDataSync(id) {
      const source = varying.get(id);
      const reader = kernel() ?? "tensorDataSync";
      if (source === undefined || checking.has(reader)) return binding.tensorDataSync(id);
      throw new TraceError(`jit: every operation must leave values where they are, got ${reader} of ${source}`, {
        reason: "compile",
        op: reader,
        fix: "use an operation that works on tensors",
      });
    },
  };
  const { getInputTensorIds } = native;
  const described = (tensors: readonly tf.TensorInfo[]) => {
    const ids = getInputTensorIds.call(native, tensors);
    for (const [i, id] of ids.entries()) handles.set(id, handleOf(native, tensors[i]!, id));
    return ids;
  };

  const outer = recorder;
  const add = (op: RecordedOp) => {
    ops.push(op);
    for (const handle of op.outputs) handles.set(handle.id, handle);
  };
  recorder = { native, kernel, add };
  native.binding = delegate(binding, watched);
  native.getInputTensorIds = described;
  try {
    return { result: fn(), recording: { ops, constants, handles } };
  } finally {
    recorder = outer;
    native.binding = binding;
    native.getInputTensorIds = getInputTensorIds;
  }
}

/** An object like `target` but for some members. Its own are fixed, and its functions want to be called on it. */
function delegate<T extends object>(target: T, members: Partial<T>): T {
  const copy: Record<string, unknown> = {};
  for (
    let owner: object | null = target;
    owner !== null && owner !== Object.prototype;
    owner = Object.getPrototypeOf(owner)
  )
    for (const name of Object.getOwnPropertyNames(owner)) {
      const value: unknown = Reflect.get(target, name);
      copy[name] ??= typeof value === "function" ? value.bind(target) : value;
    }
  return Object.assign(copy, members) as T;
}

/** The binding's number of a tensor. */
export const idOf = (native: TensorFlowBackend, tensor: tf.TensorInfo): number =>
  native.getInputTensorIds([tensor])[0]!;

/** What TensorFlow knows of a tensor; tfjs may take its type for another. */
export function handleOf(native: TensorFlowBackend, tensor: tf.TensorInfo, id = idOf(native, tensor)): Handle {
  const { shape, dtype } = native.tensorMap.get(tensor.dataId);
  return { id, shape: [...shape], dtype };
}

/** The same values under a number of their own; TensorFlow copies nothing. */
export function alias(native: TensorFlowBackend, tensor: tf.Tensor): tf.Tensor {
  const { id, dtype } = handleOf(native, tensor);
  const attribute = { name: "T", type: native.binding.TF_ATTR_TYPE, value: dtype };
  const [output] = native.binding.executeOp("Identity", [attribute], [id], 1);
  return native.createOutputTensor(output!);
}
