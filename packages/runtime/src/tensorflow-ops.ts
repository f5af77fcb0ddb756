import * as tf from "@tensorflow/tfjs-core";
import { currentRecorder } from "./graph/record.js";
import { rawOp, type TensorFlowBackend, typeAttribute } from "./tensorflow-binding.js";

/**
 * Runs a TensorFlow operation on float32 that tfjs has no name for, where the backend is TensorFlow and works as tested.
 *
 * @returns its first output, or undefined on another backend: `tensorFlowOp(…) ?? composed`.
 */
export function tensorFlowOp(name: string, inputs: readonly tf.Tensor[]): tf.Tensor | undefined {
  const native = tensorFlow();
  return native && run(native, name, inputs);
}

/** The scalars of one Adam update; see `adamW`. */
export interface AdamScalars {
  readonly alpha: tf.Scalar;
  readonly beta1: tf.Scalar;
  readonly beta2: tf.Scalar;
  readonly epsilonHat: tf.Scalar;
  readonly zero: tf.Scalar;
}

/**
 * Adam without decay in one operation, where the backend is TensorFlow and works as tested.
 *
 *   m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²,  θ ← old − α m/(√v + ε̂)
 *
 * @param old - the parameter before the update, decayed if it is to decay.
 * @returns whether it was done; false leaves everything as it was. Within a program it is not: that has no variables of
 *   its own, and fuses the composed update.
 */
export function tensorFlowAdam(
  theta: tf.Variable,
  m: tf.Variable,
  v: tf.Variable,
  g: tf.Tensor,
  old: tf.Tensor,
  scalars: AdamScalars,
): boolean {
  const native = tensorFlow();
  if (native === undefined || currentRecorder() !== undefined) return false;
  // The operation works in place on what nobody else holds and copies the rest, so m and v let go of their values.
  const [newTheta, newM, newV] = runAdam(native, [old, m, v], g, scalars, () => {
    m.assign(g);
    v.assign(g);
  });
  theta.assign(newTheta!);
  m.assign(newM!);
  v.assign(newV!);
  return true;
}

function run(native: TensorFlowBackend, name: string, inputs: readonly tf.Tensor[]): tf.Tensor {
  return rawOp(name, { T: "float32" }, inputs, native);
}

const adamResources = new WeakMap<TensorFlowBackend, number[]>();

/** Puts θ, m and v into TensorFlow's own variables, updates these, and takes them out again. */
function runAdam(
  native: TensorFlowBackend,
  values: readonly tf.Tensor[],
  g: tf.Tensor,
  { alpha, beta1, beta2, epsilonHat, zero }: AdamScalars,
  release: () => void,
): tf.Tensor[] {
  const { binding } = native;
  const dtype = [typeAttribute(native, "dtype", "float32")];
  let resources = adamResources.get(native);
  if (resources === undefined) {
    resources = ["theta", "m", "v"].map((name) => createResource(native, `@x/runtime adam ${name}`));
    adamResources.set(native, resources);
  }
  const ids = native.getInputTensorIds(values);
  for (const [i, resource] of resources.entries()) binding.executeOp("AssignVariableOp", dtype, [resource, ids[i]!], 0);
  release();
  // With both powers of β zero its step size is α itself.
  const rest = native.getInputTensorIds([zero, zero, alpha, beta1, beta2, epsilonHat, g]);
  binding.executeOp("ResourceApplyAdam", [typeAttribute(native, "T", "float32")], [...resources, ...rest], 0);
  return resources.map((resource) =>
    native.createOutputTensor(binding.executeOp("ReadVariableOp", dtype, [resource], 1)[0]!),
  );
}

function createResource(native: TensorFlowBackend, name: string): number {
  const { binding } = native;
  const attributes = [
    typeAttribute(native, "dtype", "float32"),
    { name: "shape", type: binding.TF_ATTR_SHAPE, value: [] },
    { name: "shared_name", type: binding.TF_ATTR_STRING, value: name },
  ];
  return binding.executeOp("VarHandleOp", attributes, [], 1)[0]!.id;
}

const tested = new WeakMap<object, boolean>();

/** The current backend if it is TensorFlow's and passes `selfTest`. */
function tensorFlow(): TensorFlowBackend | undefined {
  if (tf.getBackend() !== "tensorflow") return undefined;
  const native = tf.backend() as TensorFlowBackend;
  let works = tested.get(native);
  if (works === undefined) {
    works = selfTest(native);
    tested.set(native, works);
  }
  return works ? native : undefined;
}

/** Whether the operations that this package runs give what they should; false also when they cannot be run at all. */
export function selfTest(native: TensorFlowBackend): boolean {
  const is = (tensor: tf.Tensor, ...expected: number[]) => {
    const found = native.readSync(tensor.dataId) as Float32Array;
    return expected.every((value, i) => Math.abs(found[i]! - value) < 1e-6);
  };
  const scalars = { alpha: 0.1, beta1: 0.5, beta2: 0.5, epsilonHat: 1, zero: 0 };
  const engine = tf.engine();
  engine.startScope();
  try {
    const [alpha, beta1, beta2, epsilonHat, zero] = Object.values(scalars).map((value) =>
      tf.scalar(value),
    ) as tf.Scalar[];
    const values = [1, 0, 0].map((value) => tf.tensor([value]));
    const adam = { alpha: alpha!, beta1: beta1!, beta2: beta2!, epsilonHat: epsilonHat!, zero: zero! };
    const [theta, m, v] = runAdam(native, values, tf.tensor([2]), adam, () => {});
    return (
      is(
        run(native, "BiasAddGrad", [
          tf.tensor([
            [1, 2],
            [3, 4],
          ]),
        ]),
        4,
        6,
      ) &&
      is(run(native, "L2Loss", [tf.tensor([3, 4])]), 12.5) &&
      is(run(native, "SigmoidGrad", [tf.tensor([0.5]), tf.tensor([2])]), 0.5) &&
      is(theta!, 1 - 0.1 / (Math.SQRT2 + 1)) &&
      is(m!, 1) &&
      is(v!, 2)
    );
  } catch {
    return false;
  } finally {
    engine.endScope();
  }
}
