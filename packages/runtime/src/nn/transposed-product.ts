import * as tf from "@tensorflow/tfjs-core";
import { currentRecorder } from "../graph/record.js";

/**
 * aᵀ·b of matrices `[…, N, I]` and `[…, N, O]`, `[…, I, O]`.
 *
 * In a program it is (bᵀ·a)ᵀ: XLA's products are up to three times slower with a transposed left operand, so the smaller
 * operand is transposed before. XLA would undo that, but does not see through the row of zeros below it.
 */
export function transposedProduct(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (currentRecorder() === undefined) return tf.matMul(a, b, true, false);
  const axes = [...a.shape.keys()];
  const swap = (x: tf.Tensor) => tf.transpose(x, [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]);
  const left = swap(b); // […, O, N]
  const hidden = tf.concat([left, tf.zeros([...left.shape.slice(0, -2), 1, left.shape.at(-1)!])], -2);
  const product = tf.matMul(hidden, a); // […, O + 1, I]
  const rows = [...product.shape];
  rows[rows.length - 2]!--;
  return swap(tf.slice(product, 0, rows));
}

/**
 * xᵀ·dy, the gradient of the weights in x·w, in a program for widths of x at which packing it is slow: the rows of x then
 * lie so far apart that they share places in the processor's cache, which more columns prevent.
 *
 * @param x - `[N, I]`.
 * @param dy - `[N, O]`.
 */
export function widenedProduct(x: tf.Tensor2D, dy: tf.Tensor2D): tf.Tensor2D {
  const wide = tf.concat([x, tf.zeros([x.shape[0], 16])], 1);
  return tf.slice(tf.matMul(wide, dy, true, false), [0, 0], [x.shape[1], dy.shape[1]]) as tf.Tensor2D;
}

/** Whether `widenedProduct` is the faster one. */
export const isSlowWidth = (width: number): boolean => currentRecorder() !== undefined && width % 1024 === 0;
