import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

/** An elementwise function of one float32 tensor. */
export function unary(name: "exp" | "log" | "log1p" | "tanh") {
  return (heap: Heap, { x }: { readonly x: tf.TensorInfo }): tf.TensorInfo => {
    const out = heap.output(x.shape, x.dtype);
    heap.call[name](heap.address(x), heap.address(out), tf.util.sizeFromShape(x.shape));
    return out;
  };
}
