import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import { foldIn, hashBitsTensor } from "./hash-bits.js";

export { foldIn };

// Random tensors as functions of a key: an int32 scalar, made on the host by `rng.seed()` and handed to the step. The
// same key gives the same numbers on every backend. What has to be independent takes different keys, for example
// `key` and `tf.add(key, tf.scalar(1, "int32"))`, or disjoint parts of one stream. Keys `[B]` in the place of one give each
// row of `[B, …]` a stream of its own, which does not depend on the other rows.

const unit = 2 ** -24;

/**
 * Uniform numbers in [0, 1), multiples of 2⁻²⁴.
 *
 *   uᵢ = (mix(mix(offset + i) ⊕ key) ≫ 8) / 2²⁴
 *
 * The same bits on every backend.
 *
 * @param key - int32, a scalar or `[B]`.
 * @param shape - begins with B when there are B keys.
 * @param offset - position in the stream of `key` of the first number, an integer in 0…2³²−1; default 0.
 * @returns float32 of that shape.
 * @throws ShapeError when the key is no int32 scalar or vector that fits, ValueError for an offset outside its range.
 */
export function uniform(key: tf.Tensor, shape: readonly number[], offset = 0): tf.Tensor {
  if (key.rank > 1 || key.dtype !== "int32" || (key.rank === 1 && key.shape[0] !== shape[0])) {
    throw new ShapeError(
      `random: the key must be an int32 scalar, or one for each row of [${shape}]; got ${key.dtype} [${key.shape}]`,
    );
  }
  if (!Number.isInteger(offset) || offset < 0 || offset >= 2 ** 32) {
    throw new ValueError(`random: offset must be an integer in 0…2³²−1, got ${offset}`, {
      argument: "offset",
      value: offset,
    });
  }
  return tf.tidy(() => {
    const words = hashBitsTensor(key, { size: sizeOfStream(key, shape), offset });
    return tf.reshape(tf.mul(tf.cast(words, "float32"), unit), [...shape]);
  });
}

/**
 * Exponential numbers of rate 1; the smallest of noise / weight is a draw in proportion to the weights.
 *
 *   e = −log(1 − u)
 *
 * A small e comes from a small u, so u has 48 bits there: with the 24 of a float32 the winners among many thousands of
 * weights would tie, which samples at a lower temperature than asked for (2409.02908).
 *
 * @returns float32 of that shape, finite and above 0.
 */
export function exponential(key: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const [coarse, fine] = pair(key, shape);
    const u = tf.minimum(tf.add(coarse, tf.mul(tf.add(fine, unit / 2), unit)), 1 - unit);
    return tf.neg(tf.log1p(tf.neg(u)));
  });
}

/**
 * Standard Gumbel noise; the largest of logits + noise is a draw from softmax(logits).
 *
 *   g = −log e,  e from `exponential`
 *
 * @returns float32 of that shape, finite.
 */
export function gumbel(key: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.tidy(() => tf.neg(tf.log(exponential(key, shape))));
}

/**
 * Standard normal numbers by the transform of Box and Muller, within ±5.8.
 *
 *   z = √(−2·log(1 − u))·cos(2π·v)
 *
 * @returns float32 of that shape.
 */
export function normal(key: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.tidy(() => {
    const [u, v] = pair(key, shape);
    const radius = tf.sqrt(tf.mul(tf.log(tf.sub(1, u)), -2));
    return tf.mul(radius, tf.cos(tf.mul(v, 2 * Math.PI)));
  });
}

/**
 * Ones with probability p, else zeros.
 *
 * @param p - a number, or a tensor that broadcasts to the shape.
 * @returns float32 of that shape.
 */
export function bernoulli(key: tf.Tensor, shape: readonly number[], p: number | tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.cast(tf.less(uniform(key, shape), p), "float32"));
}

/**
 * Draws from softmax(logits) over the last axis: argmax(logits + gumbel).
 *
 * @param logits - `[…, V]`; −Infinity excludes an entry.
 * @returns `[…]` int32.
 * @throws ShapeError when the logits are a scalar.
 */
export function categorical(key: tf.Tensor, logits: tf.Tensor): tf.Tensor {
  if (logits.rank === 0) throw new ShapeError("random.categorical: logits need an axis to draw from, got a scalar");
  return tf.tidy(() => tf.argMax(tf.add(logits, gumbel(key, logits.shape)), -1));
}

/** Two independent uniform tensors, from consecutive parts of the stream of `key`. */
function pair(key: tf.Tensor, shape: readonly number[]): [tf.Tensor, tf.Tensor] {
  return [uniform(key, shape), uniform(key, shape, sizeOfStream(key, shape))];
}

/** How many numbers of each key's stream make that shape. */
function sizeOfStream(key: tf.Tensor, shape: readonly number[]): number {
  return tf.util.sizeFromShape(shape.slice(key.rank));
}
