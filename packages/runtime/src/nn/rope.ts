import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { refuseEmpty, withGradient } from "./with-gradient.js";

/**
 * Rotary position embedding, the half-split form ("rotate half") of Llama and all models after it.
 *
 *   [x₁, x₂] ↦ [x₁ cos − x₂ sin, x₂ cos + x₁ sin];  the gradient is the rotation by −θ
 *
 * @param x - `[B, H, T, D]`, D even.
 * @param cos - cosines of the angles, `[T, D/2]` or `[B, 1, T, D/2]`; no gradient.
 * @param sin - sines of the same angles.
 * @returns the shape of `x`.
 * @throws ShapeError when D is odd or the angles do not fit.
 * @paper 2104.09864 eq. 34
 */
export function rope(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor4D {
  const [batch, , length, depth] = x.shape as [number, number, number, number];
  const fits = [
    [length, depth / 2],
    [batch, 1, length, depth / 2],
  ].some((shape) => tf.util.arraysEqual(cos.shape, shape));
  if (x.rank !== 4 || !fits || !tf.util.arraysEqual(cos.shape, sin.shape)) {
    throw new ShapeError(
      `rope: x [B, H, T, D] needs cos and sin [T, D/2] or [B, 1, T, D/2], got [${x.shape}], [${cos.shape}], [${sin.shape}]`,
    );
  }
  refuseEmpty("rope", x);
  return withGradient<tf.Tensor4D, [tf.Tensor, tf.Tensor]>(
    [x],
    () => ({ value: rotate(x, cos, sin), saved: [cos, sin] }),
    (dy, [cos, sin]) => [rotate(dy, cos, tf.neg(sin))],
  );
}

function rotate(x: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor): tf.Tensor4D {
  const [first, second] = tf.split(x, 2, -1) as [tf.Tensor4D, tf.Tensor4D];
  const turned = [
    tf.sub<tf.Tensor4D>(tf.mul(first, cos), tf.mul(second, sin)),
    tf.add<tf.Tensor4D>(tf.mul(second, cos), tf.mul(first, sin)),
  ];
  return tf.concat(turned, -1);
}
