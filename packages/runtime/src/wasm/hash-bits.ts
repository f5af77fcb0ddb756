import type * as tf from "@tensorflow/tfjs-core";
import type { HashBitsAttributes } from "../hash-bits.js";
import type { Heap } from "./heap.js";

/** The random words of `src/hash-bits.ts`. */
export function hashBits(
  heap: Heap,
  { key }: { readonly key: tf.TensorInfo },
  { size, offset }: HashBitsAttributes,
): tf.TensorInfo {
  const out = heap.output([...key.shape, size], "int32");
  const [keys, words] = [heap.address(key), heap.address(out)];
  const rows = key.shape[0] ?? 1;
  for (let row = 0; row < rows; row++) heap.call.hashBits(keys + 4 * row, offset, words + 4 * row * size, size);
  return out;
}
