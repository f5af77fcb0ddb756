import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { tensorFlowOp } from "../tensorflow-ops.js";
import { refuseEmpty, withGradient } from "./with-gradient.js";

/** The two forms of the Gaussian error linear unit. */
export type GeluForm = "tanh" | "erf";

/**
 * Gaussian error linear unit.
 *
 *   erf:   y = x Φ(x),  dy/dx = Φ(x) + x φ(x)
 *   tanh:  y = x σ(2u),  u = √(2/π) (x + 0.044715 x³),  dy/dx = σ + x σ (1 − σ) 2u′
 *
 * The second is ½x (1 + tanh u), since ½ (1 + tanh u) = σ(2u).
 *
 * @param x - any shape.
 * @param form - GPT-2 uses `"tanh"`.
 * @returns the shape of `x`.
 * @paper 1606.08415 section 2
 */
export function gelu<T extends tf.Tensor>(x: T, form: GeluForm): T {
  refuseEmpty("gelu", x);
  return form === "tanh" ? geluTanh(x) : geluErf(x);
}

const slope = 2 * Math.sqrt(2 / Math.PI);
const cubic = slope * 0.044715;

function geluTanh<T extends tf.Tensor>(x: T): T {
  return withGradient<T, [T, T, T]>(
    [x],
    () => {
      const square = tf.square(x);
      const s = tf.sigmoid(tf.mul<T>(x, tf.add(tf.mul(square, cubic), slope)));
      return { value: tf.mul<T>(x, s), saved: [x, s, square] };
    },
    (dy, [x, s, square]) => {
      const du = tf.add(tf.mul(square, 3 * cubic), slope);
      return [tf.mul(dy, tf.add(s, tf.mul(sigmoidGrad(s, x), du)))];
    },
  );
}

function geluErf<T extends tf.Tensor>(x: T): T {
  return withGradient<T, [T, T]>(
    [x],
    () => {
      const phi = tf.mul<T>(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
      return { value: tf.mul<T>(x, phi), saved: [x, phi] };
    },
    (dy, [x, phi]) => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return [tf.mul(dy, tf.add(phi, tf.mul(x, density)))];
    },
  );
}

/**
 * Sigmoid linear unit.
 *
 *   y = x σ(x),  dy/dx = σ + x σ (1 − σ)
 *
 * @param x - any shape.
 * @returns the shape of `x`.
 * @paper 1606.08415 section 2
 */
export function silu<T extends tf.Tensor>(x: T): T {
  refuseEmpty("silu", x);
  return withGradient<T, [T, T]>(
    [x],
    () => {
      const s = tf.sigmoid(x);
      return { value: tf.mul<T>(x, s), saved: [x, s] };
    },
    (dy, [x, s]) => [tf.mul(dy, tf.add(s, sigmoidGrad(s, x)))],
  );
}

/**
 * The gated activation of Llama's MLP.
 *
 *   y = silu(gate) ∘ up,  dgate = dy ∘ up ∘ silu′(gate),  dup = dy ∘ silu(gate)
 *
 * @param gate - any shape.
 * @param up - the shape of `gate`.
 * @throws ShapeError when the shapes differ.
 * @paper 2002.05202 eq. 6
 */
export function swiglu<T extends tf.Tensor>(gate: T, up: T): T {
  if (!tf.util.arraysEqual(gate.shape, up.shape))
    throw new ShapeError(`swiglu: gate and up must have one shape, got [${gate.shape}] and [${up.shape}]`);
  refuseEmpty("swiglu", gate);
  return withGradient<T, [T, T, T]>(
    [gate, up],
    () => {
      const s = tf.sigmoid(gate);
      return { value: tf.mul<T>(tf.mul(gate, s), up), saved: [gate, up, s] };
    },
    (dy, [gate, up, s]) => [tf.mul(tf.mul(dy, up), tf.add(s, sigmoidGrad(s, gate))), tf.mul(dy, tf.mul(gate, s))],
  );
}

/** x σ (1 − σ) for s = σ. */
function sigmoidGrad(s: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tensorFlowOp("SigmoidGrad", [s, x]) ?? tf.mul(tf.mul(x, s), tf.sub(1, s));
}
