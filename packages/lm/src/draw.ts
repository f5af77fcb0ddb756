import * as tf from "@tensorflow/tfjs-core";
import { random } from "@x/runtime";

/** How tokens are drawn in a program; what is left out does nothing. See `SamplingOptions`. */
export interface DrawOptions {
  /** Scalar; left out for the most likely token. */
  readonly temperature?: tf.Scalar;
  readonly topK?: number;
  /** Scalar. */
  readonly topP?: tf.Scalar;
  /** Scalar. */
  readonly minP?: tf.Scalar;
}

/** A token for each row, `[B]` each. */
export type DrawnTokens<T extends tf.Tensor = tf.Tensor1D> = {
  /** int32. */
  readonly tokens: T;
  /** Log-probability under the distribution that the token was drawn from, nats; NaN where logits are. */
  readonly logprobs: T;
  /** Log-probability with the temperature alone (without one: with temperature 1), nats; NaN where logits are. */
  readonly rawLogprobs: T;
};

/**
 * Draws a token for each row of logits as `processLogits` describes.
 *
 *   token = argmax(p / e),  e from the exponential distribution
 *
 * @param logits - `[B, V]`; −∞ forbids a token.
 * @param keys - `[B]` int32: each row's noise comes from its own key alone.
 */
export function drawTokens(logits: tf.Tensor2D, keys: tf.Tensor1D, options: DrawOptions): DrawnTokens {
  const { temperature, topK, topP, minP } = options;
  return tf.tidy(() => {
    const z = tf.sub<tf.Tensor2D>(logits, tf.max(logits, 1, true));
    const scaled = temperature === undefined ? z : tf.div<tf.Tensor2D>(z, temperature);
    const weights = tf.exp(scaled); // ∝ p, the largest is 1
    const logMass = tf.log(tf.sum<tf.Tensor1D>(weights, 1));
    const noise = (width: number) => random.exponential(keys, [logits.shape[0], width]);
    if (temperature === undefined || (topK === undefined && topP === undefined && minP === undefined)) {
      const tokens = temperature === undefined ? first(z) : first(tf.div(weights, noise(logits.shape[1])));
      const rawLogprobs = tf.sub<tf.Tensor1D>(at(scaled, tokens), logMass);
      return { tokens, logprobs: temperature === undefined ? tf.zerosLike(rawLogprobs) : rawLogprobs, rawLogprobs };
    }

    // The likeliest first, of equals the lowest: what is kept is a beginning of the row.
    const sorted = tf.topk(scaled, Math.min(topK ?? logits.shape[1], logits.shape[1]), true);
    const [values, indices] = [sorted.values as tf.Tensor2D, sorted.indices as tf.Tensor2D];
    let kept = tf.exp(values);
    if (topP !== undefined) {
      const before = tf.cumsum(kept, 1, true);
      kept = tf.mul(kept, tf.cast(tf.less(before, tf.mul(topP, tf.sum(kept, 1, true))), "float32"));
    }
    if (minP !== undefined) kept = tf.mul(kept, tf.cast(tf.greaterEqual(tf.exp(values), minP), "float32"));
    const rank = first(tf.div(kept, noise(values.shape[1])));
    const value = at(values, rank);
    return {
      tokens: at(indices, rank),
      logprobs: tf.sub<tf.Tensor1D>(value, tf.log(tf.sum(kept, 1))),
      rawLogprobs: tf.sub<tf.Tensor1D>(value, logMass),
    };
  });
}

/** The place of the largest of each row, of equals the first; `tf.argMax` as loops that a compiler makes fast. */
function first(x: tf.Tensor2D): tf.Tensor1D {
  const last = x.shape[1] - 1;
  const places = tf.range(0, last + 1, 1, "int32");
  const largest = tf.equal(x, tf.max(x, 1, true));
  return tf.min(tf.where<tf.Tensor>(largest, places, tf.scalar(last, "int32")), 1);
}

/** x[b, index_b], `[B]`. */
function at(x: tf.Tensor2D, index: tf.Tensor1D): tf.Tensor1D {
  return tf.gatherND(x, tf.stack([tf.range(0, x.shape[0], 1, "int32"), index], 1)) as tf.Tensor1D;
}
