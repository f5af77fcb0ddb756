import type * as tf from "@tensorflow/tfjs-core";
import type { TensorFlowBackend } from "../tensorflow-binding.js";
import { TraceError } from "../trace-error.js";
import type { Constant } from "./graph-def.js";

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

let recording = false;

/** Whether operations are being written down, so that those with a state of their own must not be used. */
export const isRecording = (): boolean => recording;

/**
 * Runs `fn` on the native backend and writes down every operation that it executes.
 *
 * @param kernel - the kernel of tfjs that runs, if any.
 * @throws TraceError `read` when a kernel reads a value that is not a constant of the program.
 */
export function record<R>(
  native: TensorFlowBackend,
  kernel: () => string | undefined,
  fn: () => R,
): { readonly recording: Recording; readonly result: R } {
  const { binding } = native;
  const ops: RecordedOp[] = [];
  const constants = new Map<number, Constant>();
  const handles = new Map<number, Handle>();
  const producers = new Map<number, string>();

  const watched: Partial<TensorFlowBackend["binding"]> = {
    createTensor(shape, dtype, values) {
      const id = binding.createTensor(shape, dtype, values);
      if (typeof values[0] !== "string")
        constants.set(id, { type: dtype, shape: [...shape], values: values.slice() as Constant["values"] });
      handles.set(id, { id, shape: [...shape], dtype });
      return id;
    },
    executeOp(name, attributes, inputs, outputs) {
      const made = binding.executeOp(name, attributes, inputs, outputs);
      ops.push({ name, attributes: attributes as readonly BindingAttribute[], inputs: [...inputs], outputs: made });
      for (const handle of made) {
        handles.set(handle.id, handle);
        producers.set(handle.id, name);
      }
      return made;
    },
    tensorDataSync(id) {
      const name = kernel();
      if (constants.has(id) || (name !== undefined && checking.has(name))) return binding.tensorDataSync(id);
      throw new TraceError(
        `jit: the function must not read a tensor's value, got ${name ?? "a read"} of the output of ${producers.get(id) ?? "an input"}`,
        { reason: "read", op: name ?? producers.get(id) ?? "an input", fix: "use an operation that works on tensors" },
      );
    },
  };
  const { getInputTensorIds } = native;
  const described = (tensors: readonly tf.TensorInfo[]) => {
    const ids = getInputTensorIds.call(native, tensors);
    for (const [i, id] of ids.entries()) {
      const { shape, dtype } = native.tensorMap.get(tensors[i]!.dataId);
      if (!handles.has(id)) handles.set(id, { id, shape: [...shape], dtype });
    }
    return ids;
  };

  recording = true;
  native.binding = delegate(binding, watched);
  native.getInputTensorIds = described;
  try {
    return { result: fn(), recording: { ops, constants, handles } };
  } finally {
    recording = false;
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
export const idOf = (native: TensorFlowBackend, tensor: tf.Tensor): number => native.getInputTensorIds([tensor])[0]!;

/** The same values under a number of their own; TensorFlow copies nothing. */
export function alias(native: TensorFlowBackend, tensor: tf.Tensor): tf.Tensor {
  const attribute = { name: "T", type: native.binding.TF_ATTR_TYPE, value: native.getDTypeInteger(tensor.dtype) };
  const [output] = native.binding.executeOp("Identity", [attribute], [idOf(native, tensor)], 1);
  return native.createOutputTensor(output!);
}
