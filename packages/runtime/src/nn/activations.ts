import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { ownKernel } from "../own-kernel.js";
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

/** 2u = a x + b x³. */
const geluGate = { a: 2 * Math.sqrt(2 / Math.PI), b: 2 * Math.sqrt(2 / Math.PI) * 0.044715 };

function geluTanh<T extends tf.Tensor>(x: T): T {
  const { a, b } = geluGate;
  const plain = (): [T, T] => {
    const s = tf.sigmoid(tf.mul<T>(x, tf.add(tf.mul(tf.square(x), b), a)));
    return [tf.mul<T>(x, s), s];
  };
  return withGradient<T, [T, T]>(
    [x],
    () => {
      const [value, s] = (ownKernel("Gate", { x }, geluGate) as [T, T] | undefined) ?? plain();
      return { value, saved: [x, s] };
    },
    (dy, [x, s]) => {
      const own = ownKernel("GateGrad", { dy, x, s }, geluGate);
      if (own) return own;
      const du = tf.add(tf.mul(tf.square(x), 3 * b), a);
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
      const [value, s] = siluAndSigmoid(x);
      return { value, saved: [x, s] };
    },
    (dy, [x, s]) => [siluGrad(dy, x, s)],
  );
}

/** The same with 2u = x. */
const siluGate = { a: 1, b: 0 };

/** x σ(x) and σ(x). */
function siluAndSigmoid<T extends tf.Tensor>(x: T): [T, T] {
  const own = ownKernel("Gate", { x }, siluGate);
  if (own) return own as [T, T];
  const s = tf.sigmoid(x);
  return [tf.mul<T>(x, s), s];
}

/** dy ∘ silu′(x) for s = σ(x). */
function siluGrad(dy: tf.Tensor, x: tf.Tensor, s: tf.Tensor): tf.Tensor {
  const own = ownKernel("GateGrad", { dy, x, s }, siluGate);
  return own ? own[0]! : tf.mul(dy, tf.add(s, sigmoidGrad(s, x)));
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
      const [y, s] = siluAndSigmoid(gate);
      return { value: tf.mul<T>(y, up), saved: [gate, up, s] };
    },
    (dy, [gate, up, s]) => [siluGrad(tf.mul(dy, up), gate, s), tf.mul(dy, tf.mul(gate, s))],
  );
}

/** x σ (1 − σ) for s = σ. */
function sigmoidGrad(s: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tensorFlowOp("SigmoidGrad", [s, x]) ?? tf.mul(tf.mul(x, s), tf.sub(1, s));
}
