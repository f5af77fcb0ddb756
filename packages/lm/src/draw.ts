import * as tf from "@tensorflow/tfjs-core";
import { nn, random } from "@x/runtime";

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
export type DrawnTokens = {
  /** int32. */
  readonly tokens: tf.Tensor1D;
  /** Log-probability under the distribution that the token was drawn from, nats; NaN where logits are. */
  readonly logprobs: tf.Tensor1D;
  /** Log-probability with the temperature alone (without one: with temperature 1), nats; NaN where logits are. */
  readonly rawLogprobs: tf.Tensor1D;
};

/**
 * Draws a token for each row of logits as `processLogits` describes.
 *
 *   token = argmax(log p + g),  g from the Gumbel distribution
 *
 * @param logits - `[B, V]`; −∞ forbids a token.
 * @param keys - `[B]` int32: each row's noise comes from its own key alone.
 */
export function drawTokens(logits: tf.Tensor2D, keys: tf.Tensor1D, options: DrawOptions): DrawnTokens {
  const { temperature, topK, topP, minP } = options;
  return tf.tidy(() => {
    const z = tf.sub<tf.Tensor2D>(logits, tf.max(logits, 1, true));
    const scaled = temperature === undefined ? z : tf.div<tf.Tensor2D>(z, temperature);
    const mass = nn.logSumExp(scaled); // [B]
    const chosen = (tokens: tf.Tensor1D): DrawnTokens => {
      const rawLogprobs = tf.sub<tf.Tensor1D>(at(scaled, tokens), mass);
      return { tokens, logprobs: rawLogprobs, rawLogprobs };
    };
    if (temperature === undefined) {
      const { tokens, rawLogprobs } = chosen(tf.argMax(z, 1));
      return { tokens, logprobs: tf.zerosLike(rawLogprobs), rawLogprobs };
    }
    const noise = (width: number) => random.gumbel(keys, [logits.shape[0], width]);
    if (topK === undefined && topP === undefined && minP === undefined)
      return chosen(tf.argMax(tf.add(scaled, noise(logits.shape[1])), 1));

    // The likeliest first, of equals the lowest: what is kept is a beginning of the row.
    const { values, indices } = tf.topk(scaled, Math.min(topK ?? logits.shape[1], logits.shape[1]), true);
    const weights = tf.exp(values); // the largest is 1
    let kept = tf.onesLike(weights);
    if (topP !== undefined) {
      const before = tf.cumsum(weights, 1, true);
      kept = tf.cast(tf.less(before, tf.mul(topP, tf.sum(weights, 1, true))), "float32");
    }
    if (minP !== undefined) kept = tf.mul(kept, tf.cast(tf.greaterEqual(weights, minP), "float32"));
    const possible = tf.where(tf.greater(kept, 0), values, Number.NEGATIVE_INFINITY);
    const rank = tf.argMax(tf.add(possible, noise(values.shape[1]!)), 1) as tf.Tensor1D;
    const value = at(values as tf.Tensor2D, rank);
    return {
      tokens: at(indices as tf.Tensor2D, rank),
      logprobs: tf.sub<tf.Tensor1D>(value, tf.log(tf.sum(tf.mul(kept, weights), 1))),
      rawLogprobs: tf.sub<tf.Tensor1D>(value, mass),
    };
  });
}

/** x[b, index_b], `[B]`. */
function at(x: tf.Tensor2D, index: tf.Tensor1D): tf.Tensor1D {
  return tf.gatherND(x, tf.stack([tf.range(0, x.shape[0], 1, "int32"), index], 1)) as tf.Tensor1D;
}
