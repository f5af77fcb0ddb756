import * as tf from "@tensorflow/tfjs-core";
import { checkMap } from "./checks.js";
import { withGradient } from "./custom-gradient.js";
import { forbid, keepAllowed } from "./mask.js";
import { amongTop } from "./top-k.js";
import type { SparseOptions, Temperature } from "./types.js";

/** A map from scores x = z/τ to the simplex, along the last axis. */
export interface SimplexMap {
  /** p of x. */
  weights(x: tf.Tensor): tf.Tensor;
  /** s of p: what the Jacobian is made of, see `pullBack`. */
  slopes(p: tf.Tensor): tf.Tensor;
}

/**
 * Applies a map to logits, as one custom gradient.
 *
 *   p = map(z/τ),   ∂L/∂z = (1/τ) Jᵀ ∂L/∂p
 */
export function applyMap(caller: string, map: SimplexMap, logits: tf.Tensor, options: SparseOptions): tf.Tensor {
  checkMap(caller, logits, options);
  const { temperature, mask, k } = options;
  const weights = (x: tf.Tensor) => (k === undefined ? map.weights(x) : amongTop(k, map.weights, x));
  return tf.tidy(() =>
    withGradient(
      overTemperature(logits, temperature),
      (x) => {
        const p = mask === undefined ? weights(x) : keepAllowed(weights(forbid(x, mask)), mask);
        return [p, p];
      },
      (g, p) => pullBack(g, map.slopes(p!)),
    ),
  );
}

/** z/τ, differentiable in both: the factor 1/τ of every gradient comes from here. */
export function overTemperature(logits: tf.Tensor, temperature: Temperature = 1): tf.Tensor {
  return temperature === 1 ? logits : tf.div(logits, temperature);
}

/**
 * Pulls a gradient back through a map of the Tsallis family.
 *
 *   J = diag(s) − s sᵀ / Σs,   Jᵀg = s ⊙ (g − ⟨s,g⟩ / Σs)
 *
 * with slopes s = p^(2−α) on the support of p and 0 off it: softmax (α = 1) s = p, entmax15 s = √p, sparsemax (α = 2)
 * s = 1[p > 0]. As p ≤ s ≤ 1, Σs is at least 1, or it is 0 in a row where nothing is allowed: the maximum below changes
 * no quotient that counts and spares a division by 0.
 *
 * @param gradient - g = ∂L/∂p, `[…, K]`.
 * @param slopes - s, `[…, K]`.
 * @returns ∂L/∂x, `[…, K]`.
 * @paper 1905.05702 Jacobian of α-entmax
 */
export function pullBack(gradient: tf.Tensor, slopes: tf.Tensor): tf.Tensor {
  const dot = tf.sum(tf.mul(slopes, gradient), -1, true);
  const total = tf.maximum(tf.sum(slopes, -1, true), 1);
  return tf.mul(slopes, tf.sub(gradient, tf.div(dot, total)));
}
