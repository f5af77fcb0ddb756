import * as tf from "@tensorflow/tfjs-core";
import type { Heap } from "./heap.js";

type AdamInputs = Readonly<Record<"theta" | "m" | "v" | "g" | "alpha" | "epsilonHat" | "keep", tf.TensorInfo>>;

/** [θ′, m′, v′] of one step of `adamW`; α, ε̂ and the factor of θ are scalars. */
export function adamW(
  heap: Heap,
  { theta, m, v, g, alpha, epsilonHat, keep }: AdamInputs,
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): tf.TensorInfo[] {
  const outputs = [theta, m, v].map(({ shape }) => heap.output(shape, "float32"));
  heap.call.adamW(
    ...[theta, m, v, g, alpha, epsilonHat, keep].map((tensor) => heap.address(tensor)),
    1 - beta1,
    1 - beta2,
    ...outputs.map((tensor) => heap.address(tensor)),
    tf.util.sizeFromShape(theta.shape),
  );
  return outputs;
}
