import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";
import { expectGradients, expectTorch } from "./check.js";

/** Its series, which converges well for the few units that a normal number reaches. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= -(x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const silu = (x: number) => x / (1 + Math.exp(-x));
const gelu = {
  tanh: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  erf: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
};
const shapes = [[7], [2, 3, 1, 5]];

onEachBackend("gelu", () => {
  it.each(["tanh", "erf"] as const)("has the %s form, with the gradient of central differences", (form) => {
    for (const shape of shapes)
      expectGradients(
        (x) => nn.gelu(x!, form),
        (x) => x!.map(gelu[form]),
        [shape],
      );
  });

  it("agrees with PyTorch", () => {
    expectTorch("geluTanh", (x) => nn.gelu(x!, "tanh"));
    expectTorch("geluErf", (x) => nn.gelu(x!, "erf"));
  });

  it("is 0 far to the left and the identity far to the right, with finite gradients", () => {
    for (const form of ["tanh", "erf"] as const) {
      const x = tf.tensor([-100, 0, 100]);
      expectClose(nn.gelu(x, form).dataSync().map(Math.abs), [0, 0, 100], {});
      expectClose(
        tf
          .grad((x) => nn.gelu(x, form))(x)
          .dataSync(),
        [0, 0.5, 1],
        { atol: 1e-7 },
      );
    }
  });

  it("throws ShapeError for an empty tensor", () => {
    expect(() => nn.gelu(tf.zeros([0]), "tanh")).toThrow(ShapeError);
    expect(() => nn.gelu(tf.zeros([0]), "erf")).toThrow(ShapeError);
  });
});

onEachBackend("silu and swiglu", () => {
  it("silu is x σ(x), with the gradient of central differences", () => {
    for (const shape of shapes)
      expectGradients(
        (x) => nn.silu(x!),
        (x) => x!.map(silu),
        [shape],
      );
    expectTorch("silu", (x) => nn.silu(x!));
  });

  it("swiglu is silu(gate) ∘ up, with the gradients of central differences", () => {
    const reference = (gate: number[], up: number[]) => gate.map((g, i) => silu(g) * up[i]!);
    for (const shape of shapes) expectGradients((gate, up) => nn.swiglu(gate!, up!), reference, [shape, shape]);
    expectTorch("swiglu", (gate, up) => nn.swiglu(gate!, up!));
  });

  it("throws ShapeError for shapes that differ and for an empty tensor", () => {
    expect(() => nn.swiglu(tf.zeros([2]), tf.zeros([3]))).toThrow("swiglu: gate and up must have one shape");
    expect(() => nn.silu(tf.zeros([0]))).toThrow(ShapeError);
    expect(() => nn.swiglu(tf.zeros([0]), tf.zeros([0]))).toThrow(ShapeError);
  });
});
