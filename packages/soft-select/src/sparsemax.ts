import * as tf from "@tensorflow/tfjs-core";
import { applyMap, type SimplexMap } from "./simplex.js";
import { sortedDifferences } from "./top-k.js";
import type { SparseOptions } from "./types.js";

/** s = 1[p > 0]. */
const sparsemaxMap: SimplexMap = {
  weights(x) {
    const u = tf.sub(x, tf.max(x, -1, true));
    const { sorted, ranks } = sortedDifferences(u);
    const sums = tf.cumsum(sorted, sorted.rank - 1);
    const theta = tf.max(tf.div(tf.sub(sums, 1), ranks), -1, true);
    return tf.relu(tf.sub(u, theta));
  },
  slopes: (p) => tf.step(p),
};

/**
 * Sparsemax: the point of the simplex nearest to the logits; exact zeros off its support S.
 *
 *   u = z/τ − max z/τ,   sorted u₁ ≥ u₂ ≥ … ≥ u_K
 *   θ = max_j (u₁ + … + u_j − 1) / j
 *   p = max(u − θ, 0)
 *   ∂L/∂z = (1/τ) 1_S ⊙ (g − mean_S g),   S = {p > 0}
 *
 * The maximum over j replaces the paper's search for the size of the support: a prefix that is not the support leads to
 * a lower θ.
 *
 * @param logits - z, `[…, K]`, finite.
 * @returns p, `[…, K]`, differentiable in the logits (and in a `Scalar` temperature).
 * @throws ShapeError when the logits are not float32 `[…, K]`, or the mask does not broadcast to them.
 * @throws ValueError when the temperature is a number that is not finite and > 0, or k is not in 1 … K.
 * @paper 1602.02068 algorithm 1
 */
export function sparsemax(logits: tf.Tensor, options: SparseOptions = {}): tf.Tensor {
  return applyMap("sparsemax", sparsemaxMap, logits, options);
}
