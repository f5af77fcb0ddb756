import * as tf from "@tensorflow/tfjs-core";

/**
 * A function of one tensor with a gradient of its own: `tf.customGrad` with types.
 *
 * @param forward - gives the value, and after it the tensors that `backward` needs.
 * @param backward - from the gradient of the value, and those tensors, to the gradient of `input`; a new tensor.
 */
export function withGradient(
  input: tf.Tensor,
  forward: (input: tf.Tensor) => readonly [value: tf.Tensor, ...saved: tf.Tensor[]],
  backward: (gradient: tf.Tensor, ...saved: tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  return tf.customGrad((x, save) => {
    const [value, ...saved] = forward(x as tf.Tensor);
    (save as tf.GradSaveFunc)(saved);
    return { value, gradFunc: (gradient, kept) => tf.tidy(() => backward(gradient, ...kept)) };
  })(input);
}

/** The straight-through step: the value h forward, and backward as if it had been `p`. Exact, unlike h + p − stop(p). */
export function withValue(p: tf.Tensor, h: () => tf.Tensor): tf.Tensor {
  return withGradient(p, () => [h()], tf.clone);
}

/** A constant, whatever `compute` reads: unlike `stopGradient` not even zeros come back, so any op may be used. */
export function detached(compute: () => tf.Tensor): tf.Tensor {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))();
}
