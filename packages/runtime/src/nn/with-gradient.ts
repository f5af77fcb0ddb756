import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError } from "@x/core";

/**
 * A function whose derivative is written by hand.
 *
 * @param inputs - the tensors that have a gradient.
 * @param forward - the value, and what the derivative needs of it.
 * @param backward - from the gradient of the value to those of the inputs, in their order. Must not return `dy` itself:
 *   tfjs frees a gradient that it has added to another.
 * @throws StateError (from the gradient) inside of another gradient: what the derivative needs would be constant to it.
 */
export function withGradient<T extends tf.Tensor, S extends tf.Tensor[]>(
  inputs: readonly tf.Tensor[],
  forward: () => { value: T; saved: [...S] },
  backward: (dy: T, saved: S) => tf.Tensor[],
): T {
  const run = tf.customGrad<T>((...args) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const { value, saved } = forward();
    save(saved);
    const gradFunc = (dy: T, kept: tf.Tensor[]) => {
      if (tf.engine().state.gradientDepth > 0)
        throw new StateError("nn: there must be no gradient around a gradient, as nn has first derivatives only");
      return tf.tidy(() => backward(dy, kept as S));
    };
    return { value, gradFunc };
  });
  return run(...inputs);
}

/** `[…, d]` as `[N, d]`. */
export function asRows(x: tf.Tensor): tf.Tensor2D {
  return x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [-1, x.shape.at(-1)!]);
}

/** `[N, d]` back in the leading shape of `like`. */
export function likeRows<T extends tf.Tensor>(y: tf.Tensor2D, like: T): T {
  return (like.rank === 2 ? y : tf.reshape(y, [...like.shape.slice(0, -1), y.shape[1]])) as tf.Tensor as T;
}

/** @throws ShapeError for a tensor without elements: not every backend can compute with one. */
export function refuseEmpty(caller: string, ...tensors: readonly tf.Tensor[]): void {
  const empty = tensors.find(({ size }) => size === 0);
  if (empty !== undefined) throw new ShapeError(`${caller}: tensors must not be empty, got [${empty.shape}]`);
}
