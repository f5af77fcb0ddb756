import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectGradients, expectTorch, rowsOf, sum } from "./check.js";

const epsilon = 1e-5;
const mean = (x: number[]) => sum(x) / x.length;

const normalise = (width: number, centre: boolean) => (x: number[], gain?: number[], bias?: number[]) =>
  rowsOf(x, width).flatMap((row) => {
    const centred = row.map((value) => value - (centre ? mean(row) : 0));
    const r = (mean(centred.map((value) => value ** 2)) + epsilon) ** -0.5;
    return centred.map((value, i) => value * r * (gain?.[i] ?? 1) + (bias?.[i] ?? 0));
  });

const shapes = fc.tuple(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }), fc.integer({ min: 2, max: 9 }));

onEachBackend("layerNorm", () => {
  it("has mean 0 and variance 1 before gain and bias, with the gradients of central differences", () => {
    fc.assert(
      fc.property(shapes, ([leading, width]) => {
        const x = [...leading, width];
        const reference = normalise(width, true);
        expectGradients((x, g, b) => nn.layerNorm(x!, g!, b!, epsilon), reference, [x, [width], [width]]);
        expectGradients((x, g) => nn.layerNorm(x!, g!, null, epsilon), reference, [x, [width]]);
        expectGradients((x) => nn.layerNorm(x!, null, null, epsilon), reference, [x]);
        expectGradients(
          (x, b) => nn.layerNorm(x!, null, b!, epsilon),
          (x, b) => reference(x!, undefined, b),
          [x, [width]],
        );
      }),
      { numRuns: 5, seed: 1 },
    );
  });

  it("agrees with PyTorch", () => {
    expectTorch("layerNorm", (x, g, b) => nn.layerNorm(x!, g!, b!, 1e-5));
  });

  it("keeps its precision when the mean is far from 0", () => {
    const x = tf.tensor([1000, 1001, 1002, 1003]);
    const y = nn.layerNorm(x, null, null, 0).dataSync();
    expect(Math.abs(y[0]! + 3 / Math.sqrt(5))).toBeLessThan(1e-5);
  });

  it("throws ShapeError for a gain or bias of another width, and for an empty tensor", () => {
    const x = tf.zeros([2, 3]);
    expect(() => nn.layerNorm(x, tf.ones([2]), null, 1e-5)).toThrow("layerNorm: gain must be [3] for x [2,3], got [2]");
    expect(() => nn.layerNorm(x, null, tf.ones([1, 3]), 1e-5)).toThrow(ShapeError);
    expect(() => nn.layerNorm(tf.zeros([0, 3]), null, null, 1e-5)).toThrow("layerNorm: tensors must not be empty");
  });
});

onEachBackend("rmsNorm", () => {
  it("has mean square 1 before the gain, with the gradients of central differences", () => {
    fc.assert(
      fc.property(shapes, ([leading, width]) => {
        const x = [...leading, width];
        expectGradients((x, g) => nn.rmsNorm(x!, g!, epsilon), normalise(width, false), [x, [width]]);
        expectGradients((x) => nn.rmsNorm(x!, null, epsilon), normalise(width, false), [x]);
      }),
      { numRuns: 5, seed: 1 },
    );
  });

  it("agrees with PyTorch", () => {
    expectTorch("rmsNorm", (x, g) => nn.rmsNorm(x!, g!, 1e-6));
  });

  it("throws ShapeError for a gain of another width, and for an empty tensor", () => {
    expect(() => nn.rmsNorm(tf.zeros([2, 3]), tf.ones([2]), 1e-5)).toThrow(ShapeError);
    expect(() => nn.rmsNorm(tf.zeros([0, 3]), null, 1e-5)).toThrow("rmsNorm: tensors must not be empty");
  });
});
