import * as tf from "@tensorflow/tfjs-core";

type Inputs = Readonly<Record<string, tf.Tensor | null | undefined>>;

/**
 * Runs a kernel of this package that tfjs has no name for, where the current backend has it.
 *
 * @param floats - the inputs that must be float32, and int32 those of `integers`; what is null or undefined is absent.
 * @returns its outputs, or undefined where there is no kernel for them: `ownKernel(…) ?? composed`.
 */
export function ownKernel(
  name: string,
  floats: Inputs,
  attributes: tf.NamedAttrMap = {},
  integers: Inputs = {},
): tf.Tensor[] | undefined {
  if (tf.getKernel(name, tf.getBackend()) === undefined) return undefined;
  const inputs: tf.NamedTensorMap = {};
  for (const [given, dtype] of [
    [floats, "float32"],
    [integers, "int32"],
  ] as const) {
    for (const [key, tensor] of Object.entries(given)) {
      if (!tensor) continue;
      if (tensor.dtype !== dtype) return undefined;
      inputs[key] = tensor;
    }
  }
  return tf.engine().runKernel(name, inputs, attributes) as tf.Tensor[];
}
