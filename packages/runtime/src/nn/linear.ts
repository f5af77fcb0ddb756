import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { columnSums } from "./column-sums.js";
import { isSlowWidth, widenedProduct } from "./transposed-product.js";
import { asRows, likeRows, refuseEmpty, withGradient } from "./with-gradient.js";

/**
 * An affine map of the last axis.
 *
 *   y = x·w + b
 *   dx = dy·wᵀ,  dw = xᵀ·dy,  db = Σ_rows dy
 *
 * Gradients that nobody asks for are not computed, so a frozen `w` costs nothing.
 *
 * @param x - `[…, I]`.
 * @param w - `[I, O]`.
 * @param b - `[O]`.
 * @returns `[…, O]`.
 * @throws ShapeError when the shapes do not fit.
 */
export function linear<T extends tf.Tensor>(x: T, w: tf.Tensor, b?: tf.Tensor): T {
  const [inputs, outputs] = w.shape;
  if (w.rank !== 2 || x.rank === 0 || x.shape.at(-1) !== inputs)
    throw new ShapeError(`linear: x […, I] and w [I, O] must share I, got [${x.shape}] and [${w.shape}]`);
  if (b !== undefined && (b.rank !== 1 || b.shape[0] !== outputs))
    throw new ShapeError(`linear: b must be [${outputs}], got [${b.shape}]`);
  refuseEmpty("linear", x, w);
  return tf.tidy(() => {
    const product = productOf(asRows(x), w as tf.Tensor2D);
    return likeRows(b === undefined ? product : addBias(product, b), x);
  });
}

/** x·w for `[N, I]` and `[I, O]`. */
function productOf(x: tf.Tensor2D, w: tf.Tensor2D): tf.Tensor2D {
  if (!isSlowWidth(x.shape[1])) return tf.matMul(x, w);
  return withGradient<tf.Tensor2D, [tf.Tensor2D, tf.Tensor2D]>(
    [x, w],
    () => ({ value: tf.matMul(x, w), saved: [x, w] }),
    (dy, [x, w]) => [tf.matMul(dy, w, false, true), widenedProduct(x, dy)],
  );
}

/** x + b for `[N, O]` and `[O]`. */
function addBias(x: tf.Tensor2D, b: tf.Tensor): tf.Tensor2D {
  return withGradient(
    [x, b],
    () => ({ value: tf.add<tf.Tensor2D>(x, b), saved: [] }),
    (dy) => [tf.clone(dy), columnSums(dy)],
  );
}
