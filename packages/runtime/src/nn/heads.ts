import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { refuseEmpty } from "./with-gradient.js";

/**
 * Takes the heads out of the last axis.
 *
 * @param x - `[B, T, H·D]`.
 * @param heads - H.
 * @returns `[B, H, T, D]`.
 * @throws ShapeError when the rank is not 3 or H does not divide the width.
 */
export function splitHeads(x: tf.Tensor, heads: number): tf.Tensor4D {
  const [batch, length, width] = x.shape;
  if (x.rank !== 3 || !Number.isInteger(heads) || heads < 1 || width! % heads !== 0)
    throw new ShapeError(`splitHeads: x must be [B, T, H·D] with H = ${heads}, got [${x.shape}]`);
  refuseEmpty("splitHeads", x);
  return tf.tidy(() =>
    tf.transpose(tf.reshape(x, [batch!, length!, heads, width! / heads]) as tf.Tensor4D, [0, 2, 1, 3]),
  );
}

/**
 * Puts the heads back into the last axis; the inverse of `splitHeads`.
 *
 * @param x - `[B, H, T, D]`.
 * @returns `[B, T, H·D]`.
 * @throws ShapeError when the rank is not 4.
 */
export function mergeHeads(x: tf.Tensor): tf.Tensor3D {
  const [batch, heads, length, depth] = x.shape;
  if (x.rank !== 4) throw new ShapeError(`mergeHeads: x must be [B, H, T, D], got [${x.shape}]`);
  refuseEmpty("mergeHeads", x);
  return tf.tidy(() => tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch!, length!, heads! * depth!]));
}
