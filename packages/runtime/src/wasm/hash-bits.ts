import type * as tf from "@tensorflow/tfjs-core";
import type { HashBitsAttributes } from "../hash-bits.js";
import type { Heap } from "./heap.js";

/** The random words of `src/hash-bits.ts`. */
export function hashBits(
  heap: Heap,
  { key }: { readonly key: tf.TensorInfo },
  { size, offset }: HashBitsAttributes,
): tf.TensorInfo {
  const out = heap.output([size], "int32");
  heap.call.hashBits(heap.address(key), offset, heap.address(out), size);
  return out;
}
