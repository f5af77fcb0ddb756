import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, ShapeError } from "@x/core";
import { checkFits, checkName, checkNumber, checkRows, describe, share } from "./checks.js";
import { withGradient } from "./custom-gradient.js";
import { oneHot } from "./one-hot.js";

/** Options of `mixWithOracle`. */
export interface OracleOptions {
  /** `bernoulli`: whole rows come from the oracle, by chance. `convex`: every row is blended. */
  readonly mode: "bernoulli" | "convex";
  /** ε in [0, 1], the share of the oracle; the value of a `Scalar` is not checked. */
  readonly probability: number | tf.Scalar;
  /** U, uniform in (0, 1), broadcastable to the rows `[…]`; from `uniformNoise`. `bernoulli` needs it. */
  readonly noise?: tf.Tensor | undefined;
}

/**
 * Replaces predicted weights by an oracle's, in part: scheduled sampling.
 *
 *   y = (1 − m) w + m o,   m = ε (`convex`) or 1[U < ε] per row (`bernoulli`)
 *   ∂L/∂w = (1 − m) ∂L/∂y
 *
 * The oracle and ε are constants: no gradient reaches them. At m = 0 and m = 1 the mix equals its input bit for bit.
 *
 * @param predicted - w, `[…, K]`.
 * @param oracle - o, float32 `[…, K]` broadcastable to w, or int32 indices `[…]` of the rows, which become one-hots.
 * @returns y, `[…, K]`.
 * @throws ShapeError when the shapes do not fit, or the oracle is neither float32 nor int32.
 * @throws ValueError when the probability is a number outside [0, 1], or the mode is unknown.
 * @throws ConfigError when `bernoulli` has no noise.
 * @paper 1506.03099 section 2.4
 */
export function mixWithOracle(predicted: tf.Tensor, oracle: tf.Tensor, options: OracleOptions): tf.Tensor {
  const { mode, probability, noise } = options;
  const rows = predicted.shape.slice(0, -1);
  checkRows("mixWithOracle", "predicted", predicted);
  checkName("mixWithOracle", "mode", mode, ["bernoulli", "convex"]);
  checkNumber("mixWithOracle", "probability", probability, share);
  if (oracle.dtype !== "int32" && oracle.dtype !== "float32")
    throw new ShapeError(`mixWithOracle: oracle must be int32 indices or float32 weights, got ${describe(oracle)}`);
  checkFits("mixWithOracle", "oracle", oracle, oracle.dtype === "int32" ? rows : predicted.shape);
  if (noise !== undefined) checkFits("mixWithOracle", "noise", noise, rows);
  else if (mode === "bernoulli")
    throw new ConfigError('mixWithOracle: mode "bernoulli" needs noise, got none (see uniformNoise)');

  return tf.tidy(() => {
    const o = oracle.dtype === "int32" ? oneHot(oracle, predicted.shape.at(-1)!) : oracle;
    const m =
      noise === undefined || mode === "convex"
        ? tf.cast(probability, "float32")
        : tf.expandDims(tf.cast(tf.less(noise, probability), "float32"), -1);
    const rest = tf.sub(1, m);
    return withGradient(
      predicted,
      (w) => [tf.add(tf.mul(rest, w), tf.mul(m, o)), rest],
      (g, kept) => tf.mul(kept!, g),
    );
  });
}
