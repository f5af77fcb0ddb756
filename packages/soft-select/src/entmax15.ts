import * as tf from "@tensorflow/tfjs-core";
import { applyMap, type SimplexMap } from "./simplex.js";
import { sortedDifferences } from "./top-k.js";
import type { SparseOptions } from "./types.js";

/** s = √p. */
const entmax15Map: SimplexMap = {
  weights(x) {
    const u = tf.mul(tf.sub(x, tf.max(x, -1, true)), 0.5);
    const { sorted, ranks: j } = sortedDifferences(u);
    const a = tf.cumsum(sorted, sorted.rank - 1);
    const b = tf.cumsum(tf.square(sorted), sorted.rank - 1);
    const root = tf.sqrt(tf.relu(tf.add(tf.square(a), tf.mul(j, tf.sub(1, b)))));
    const thresholds = tf.div(tf.sub(a, root), j);
    const t = tf.max(tf.minimum(thresholds, sorted), -1, true);
    return tf.square(tf.relu(tf.sub(u, t)));
  },
  slopes: (p) => tf.sqrt(p),
};

/**
 * 1.5-entmax: half-way between softmax and sparsemax; exact zeros, and smooth where they begin.
 *
 *   u = (z/τ − max z/τ) / 2,   sorted u₁ ≥ u₂ ≥ … ≥ u_K
 *   a_j = u₁ + … + u_j,   b_j = u₁² + … + u_j²
 *   t_j = (a_j − √max(a_j² + j(1 − b_j), 0)) / j,   the lower root of Σ_{i≤j} (u_i − t)² = 1
 *   t = max_j min(t_j, u_j)
 *   p = max(u − t, 0)²
 *   ∂L/∂z = (1/τ) s ⊙ (g − ⟨s,g⟩ / Σs),   s = √p
 *
 * The last line for t replaces the paper's search for the size k of the support: t_j ≤ t up to j = k, where t_k = t, and
 * u_j ≤ t beyond.
 *
 * @param logits - z, `[…, K]`, finite.
 * @returns p, `[…, K]`, differentiable in the logits (and in a `Scalar` temperature).
 * @throws ShapeError when the logits are not float32 `[…, K]`, or the mask does not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0, or k is not in 1 … K.
 * @paper 1905.05702 algorithm 2
 */
export function entmax15(logits: tf.Tensor, options: SparseOptions = {}): tf.Tensor {
  return applyMap("entmax15", entmax15Map, logits, options);
}
