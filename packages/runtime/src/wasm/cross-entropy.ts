import type * as tf from "@tensorflow/tfjs-core";
import { ValueError } from "@x/core";
import type { Heap } from "./heap.js";

/** [ℓ, exp(z − max z), its sums] of `sparseCrossEntropy`. */
export function crossEntropy(
  heap: Heap,
  { logits, labels }: { readonly logits: tf.TensorInfo; readonly labels: tf.TensorInfo },
): tf.TensorInfo[] {
  const [rows, classes] = logits.shape as [number, number];
  const outputs = [[rows], [rows, classes], [rows, 1]].map((shape) => heap.output(shape, "float32"));
  const addresses = [logits, labels, ...outputs].map((tensor) => heap.address(tensor));
  const bad = heap.call.crossEntropy(...addresses, rows, classes);
  if (bad < 0) return outputs;
  for (const output of outputs) heap.dispose(output);
  throw new ValueError(`sparseCrossEntropy: labels must be in 0…${classes - 1}; the one at ${bad} is not`, {
    argument: "labels",
    index: bad,
    value: heap.integers(labels)[bad],
  });
}

interface CrossEntropyGradInputs {
  readonly dy: tf.TensorInfo;
  readonly exponential: tf.TensorInfo;
  readonly total: tf.TensorInfo;
  readonly labels: tf.TensorInfo;
}

/** dz of `crossEntropy`. */
export function crossEntropyGrad(heap: Heap, inputs: CrossEntropyGradInputs): tf.TensorInfo[] {
  const { dy, exponential, total, labels } = inputs;
  const [rows, classes] = exponential.shape as [number, number];
  const dz = heap.output(exponential.shape, "float32");
  const addresses = [dy, exponential, total, labels, dz].map((tensor) => heap.address(tensor));
  heap.call.crossEntropyGrad(...addresses, rows, classes);
  return [dz];
}
