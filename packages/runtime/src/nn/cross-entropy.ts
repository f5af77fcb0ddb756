import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { ownKernel } from "../own-kernel.js";
import { asRows, refuseEmpty, withGradient } from "./with-gradient.js";

/**
 * The negative log-probability of one class a row, in nats.
 *
 *   ℓ_n = log Σ_v exp(z_nv) − z_{n, label_n};  dz = (softmax z − onehot label) ∘ dℓ
 *
 * @param logits - z, `[N, V]`.
 * @param labels - `[N]` int32, each in 0 … V−1. A row that shall not count gets any label and weight 0.
 * @returns `[N]`.
 * @throws ShapeError when the shapes or the dtype of the labels do not fit.
 */
export function sparseCrossEntropy(logits: tf.Tensor, labels: tf.Tensor): tf.Tensor1D {
  if (logits.rank !== 2 || labels.rank !== 1 || labels.shape[0] !== logits.shape[0] || labels.dtype !== "int32") {
    throw new ShapeError(
      `sparseCrossEntropy: logits [N, V] need labels [N] int32, got [${logits.shape}] and [${labels.shape}] ${labels.dtype}`,
    );
  }
  refuseEmpty("sparseCrossEntropy", logits);
  const plain = (): [tf.Tensor1D, tf.Tensor, tf.Tensor] => {
    const shifted = tf.sub(logits, tf.max(logits, 1, true));
    const exponential = tf.exp(shifted);
    const total = tf.sum(exponential, 1, true);
    const value = tf.sub<tf.Tensor1D>(tf.log(tf.reshape(total, [-1])), tf.gatherND(shifted, places(labels)));
    return [value, exponential, total];
  };
  return withGradient<tf.Tensor1D, [tf.Tensor, tf.Tensor, tf.Tensor]>(
    [logits],
    () => {
      const own = ownKernel("SparseCrossEntropy", { logits }, {}, { labels });
      const [value, exponential, total] = (own as ReturnType<typeof plain> | undefined) ?? plain();
      return { value, saved: [exponential, total, labels] };
    },
    (dy, [exponential, total, labels]) => {
      const own = ownKernel("SparseCrossEntropyGrad", { dy, exponential, total }, {}, { labels });
      if (own) return own;
      const dense = tf.mul(exponential, tf.div(tf.expandDims(dy, 1), total));
      const at = places(labels);
      return [tf.tensorScatterUpdate(dense, at, tf.sub(tf.gatherND(dense, at), dy))];
    },
  );
}

/** `[N, 2]`: each row and its label. */
function places(labels: tf.Tensor): tf.Tensor {
  return tf.stack([tf.range(0, labels.size, 1, "int32"), labels], 1);
}

/**
 * The logarithm of the sum of exponentials over the last axis.
 *
 *   y = log Σ_v exp(x_v);  dx = exp(x − y) dy
 *
 * @param x - `[…, V]`; −∞ counts as absent.
 * @returns `[…]`, −∞ where every entry is.
 * @throws ShapeError when `x` is a scalar or empty.
 */
export function logSumExp(x: tf.Tensor): tf.Tensor {
  if (x.rank === 0) throw new ShapeError("logSumExp: x must have a last axis, got a scalar");
  refuseEmpty("logSumExp", x);
  const shape = x.shape.slice(0, -1);
  return withGradient<tf.Tensor, [tf.Tensor, tf.Tensor]>(
    [x],
    () => {
      const top = tf.maximum(tf.max(x, -1, true), -3e38);
      const y = tf.add(tf.log(tf.sum(tf.exp(tf.sub(x, top)), -1, true)), top);
      return { value: tf.reshape(y, shape), saved: [x, y] };
    },
    (dy, [x, y]) => [tf.mul(tf.exp(tf.sub(x, tf.maximum(y, -3e38))), tf.expandDims(dy, -1))],
  );
}

/**
 * The log-probabilities of chosen classes, in nats.
 *
 *   y = z_id − log Σ_v exp(z_v)
 *
 * @param logits - z, `[…, V]`.
 * @param ids - `[…]` int32, each in 0 … V−1.
 * @returns `[…]`, differentiable in the logits.
 * @throws ShapeError when the shapes do not fit.
 */
export function gatherLogprobs(logits: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  if (!tf.util.arraysEqual(logits.shape.slice(0, -1), ids.shape) || ids.dtype !== "int32") {
    throw new ShapeError(
      `gatherLogprobs: logits […, V] need ids […] int32, got [${logits.shape}] and [${ids.shape}] ${ids.dtype}`,
    );
  }
  return tf.tidy(() => {
    const rows = tf.neg(sparseCrossEntropy(asRows(logits), tf.reshape(ids, [-1])));
    return tf.reshape(rows, ids.shape);
  });
}
