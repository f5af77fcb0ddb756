import * as tf from "@tensorflow/tfjs-core";

/**
 * What this package uses of the backend of tfjs-node 4.22. None of it is public there, so nothing else may reach for it,
 * and what is used is tested when it is loaded.
 */
export interface TensorFlowBackend extends tf.KernelBackend {
  binding: {
    readonly TF_Version: string;
    readonly TF_ATTR_BOOL: number;
    readonly TF_ATTR_FLOAT: number;
    readonly TF_ATTR_INT: number;
    readonly TF_ATTR_SHAPE: number;
    readonly TF_ATTR_STRING: number;
    readonly TF_ATTR_TYPE: number;
    createTensor(shape: readonly number[], dtype: number, values: tf.BackendValues): number;
    tensorDataSync(id: number): tf.BackendValues;
    deleteTensor(id: number): void;
    executeOp(
      name: string,
      attributes: readonly object[],
      inputs: readonly number[],
      outputs: number,
    ): { readonly id: number; readonly shape: readonly number[]; readonly dtype: number }[];
    loadSavedModel(directory: string, tags: string): number;
    /** Names are joined by commas; what it returns is in the order of the outputs. */
    runSavedModel(
      model: number,
      inputs: readonly number[],
      inputNames: string,
      outputNames: string,
    ): { readonly id: number; readonly shape: readonly number[]; readonly dtype: number }[];
    deleteSavedModel(model: number): void;
  };
  readonly tensorMap: { get(dataId: object): { readonly shape: readonly number[]; readonly dtype: number } };
  readonly isUsingGpuDevice: boolean;
  getDTypeInteger(dtype: tf.DataType): number;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: object): tf.Tensor;
}

/** The type attribute of an operation. */
export function typeAttribute(native: TensorFlowBackend, name: string, dtype: tf.DataType): object {
  return { name, type: native.binding.TF_ATTR_TYPE, value: native.getDTypeInteger(dtype) };
}

/**
 * Runs one TensorFlow operation that tfjs has no name for, on the native backend.
 *
 * @param types - the type attributes of the operation, by name.
 * @returns its first output.
 */
export function rawOp(
  name: string,
  types: Readonly<Record<string, tf.DataType>>,
  inputs: readonly tf.TensorInfo[],
  native = tf.engine().findBackend("tensorflow") as TensorFlowBackend,
): tf.Tensor {
  const attributes = Object.entries(types).map(([attribute, dtype]) => typeAttribute(native, attribute, dtype));
  const [output] = native.binding.executeOp(name, attributes, native.getInputTensorIds(inputs), 1);
  return native.createOutputTensor(output!);
}
