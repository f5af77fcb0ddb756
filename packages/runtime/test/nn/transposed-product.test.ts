import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRuntime, jit, nn } from "../../src/index.js";
import { isSlowWidth, transposedProduct, widenedProduct } from "../../src/nn/transposed-product.js";
import { backends } from "../backends.js";
import { expectClose } from "../expect-close.js";
import { kinds, setJit } from "../graph/with-jit.js";

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

/** The values of what `fn` gives, eagerly and as a program. */
function both(fn: (...tensors: tf.Tensor[]) => tf.Tensor[], tensors: readonly tf.Tensor[], atol = 1e-4): void {
  const program = jit(fn);
  const made = program(...tensors);
  const expected = tf.tidy(() => fn(...tensors));
  for (const [i, tensor] of made.entries()) {
    expect(tensor.shape).toEqual(expected[i]!.shape);
    expectClose(tensor.dataSync(), expected[i]!.dataSync(), { rtol: 1e-4, atol });
  }
  if (tf.getBackend() === "tensorflow") expect(kinds(program)).toHaveLength(1);
  tf.dispose([...made, ...expected]);
}

describe.each(backends)("products with a transposed operand on %s", (backend) => {
  const outside = process.env.X_JIT;
  beforeAll(async () => {
    setJit("xla");
    await createRuntime({ backend });
  });
  afterAll(() => setJit(outside));

  it.each([
    [
      [5, 3],
      [5, 4],
    ],
    [
      [2, 7, 1],
      [2, 7, 3],
    ],
    [
      [2, 3, 6, 4],
      [2, 3, 6, 5],
    ],
  ])("are aᵀ·b for %o and %o", (a, b) => {
    const tensors = [random(a, 1), random(b, 2)];
    both((a, b) => [transposedProduct(a!, b!)], tensors);
    const [ours, plain] = tf.tidy(() =>
      jit((a: tf.Tensor, b: tf.Tensor) => [transposedProduct(a, b), tf.matMul(a, b, true, false)])(
        tensors[0]!,
        tensors[1]!,
      ).map((tensor) => tensor.dataSync()),
    ) as [Float32Array, Float32Array];
    expectClose(ours, plain, { rtol: 1e-5, atol: 1e-5 });
    tf.dispose(tensors);
  });

  it("are the same with more columns, which slow widths have in a program alone", () => {
    const tensors = [random([6, 32], 1), random([6, 3], 2)] as [tf.Tensor2D, tf.Tensor2D];
    const [wide, plain] = tf.tidy(() => {
      const [x, dy] = tensors;
      return [widenedProduct(x, dy).dataSync(), tf.matMul(x, dy, true, false).dataSync()];
    });
    expectClose(wide!, plain!, { rtol: 1e-5, atol: 1e-5 });
    let inside = false;
    jit(() => {
      inside = isSlowWidth(1024);
    })();
    expect([isSlowWidth(1024), inside]).toEqual([false, backend === "native"]);
    tf.dispose(tensors);
  });

  it("give a linear layer of a slow width the gradient of a plain one", () => {
    const tensors = [random([5, 1024], 1), random([1024, 3], 2), random([3], 3)];
    both((...given) => tf.grads((x, w, b) => tf.sum(tf.square(nn.linear(x!, w!, b))))(given), tensors, 1e-3);
    tf.dispose(tensors);
  });

  it("give a long causal attention, computed in blocks, the value and the gradient of the whole", () => {
    const tensors = [random([1, 4, 128, 2], 1), random([1, 2, 128, 2], 2), random([1, 2, 128, 2], 3)];
    both(
      (...given) => [
        nn.attention(given[0]!, given[1]!, given[2]!, { causal: true }),
        ...tf.grads((q, k, v) => tf.sum(tf.square(nn.attention(q!, k!, v!, { causal: true }))))(given),
      ],
      tensors,
    );
    tf.dispose(tensors);
  });
});
