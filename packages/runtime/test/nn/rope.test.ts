import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";
import { expectGradients, expectTorch, rowsOf, torchConstant } from "./check.js";

const angle = (i: number) => Math.fround(0.3 * i - 1);

onEachBackend("rope", () => {
  it("turns each pair (x_i, x_{i+D/2}) by its angle, with the gradient of central differences", () => {
    const [B, H, T, D] = [2, 2, 3, 4];
    for (const shared of [true, false]) {
      const shape = shared ? [T, D / 2] : [B, 1, T, D / 2];
      const count = shape.reduce((a, b) => a * b, 1);
      const [cos, sin] = [Math.cos, Math.sin].map((f) =>
        tf.tensor(
          Array.from({ length: count }, (_, i) => f(angle(i))),
          shape,
        ),
      );
      const reference = (x: number[]) =>
        rowsOf(x, D).flatMap((row, n) => {
          const first = ((shared ? 0 : Math.floor(n / (H * T)) * T) + (n % T)) * (D / 2);
          const turned = [0, 1].map((i) => {
            const [c, s] = [Math.fround(Math.cos(angle(first + i))), Math.fround(Math.sin(angle(first + i)))];
            return [row[i]! * c - row[i + D / 2]! * s, row[i + D / 2]! * c + row[i]! * s] as const;
          });
          return [...turned.map(([a]) => a), ...turned.map(([, b]) => b)];
        });
      expectGradients((x) => nn.rope(x!, cos!, sin!), reference, [[B, H, T, D]]);
    }
  });

  it("keeps lengths, and makes products depend on the distance of positions alone", () => {
    const [T, D] = [6, 4];
    const angles = Array.from({ length: T * 2 }, (_, i) => Math.floor(i / 2) * (i % 2 === 0 ? 1 : 0.1));
    const [cos, sin] = [Math.cos, Math.sin].map((f) => tf.tensor2d(angles.map(f), [T, 2]));
    const same = (row: number[]) => tf.tile(tf.tensor4d(row, [1, 1, 1, D]), [1, 1, T, 1]);
    const [q, k] = [same([1, -2, 0.5, 3]), same([0.3, 1, -1, 2])].map((x) => nn.rope(x, cos!, sin!));
    const products = tf.matMul(q!, k!, false, true).arraySync() as number[][][][];
    const [table] = products[0]!;
    for (let t = 1; t < T; t++) expectClose(table![t]!.slice(1, t + 1), table![t - 1]!.slice(0, t), { atol: 1e-5 });
    expectClose(tf.norm(q!, 2, -1).dataSync(), Array(T).fill(Math.sqrt(14.25)), { rtol: 1e-6 });
  });

  it("agrees with PyTorch", () => {
    const [cos, sin] = [torchConstant("rope", "cos"), torchConstant("rope", "sin")];
    expectTorch("rope", (x) => nn.rope(x!, cos, sin));
  });

  it("throws ShapeError for an odd depth, angles that do not fit, and an empty tensor", () => {
    const call =
      (x: number[], cos: number[], sin = cos) =>
      () =>
        nn.rope(tf.zeros(x), tf.zeros(cos), tf.zeros(sin));
    expect(call([1, 1, 2, 3], [2, 1])).toThrow(ShapeError);
    expect(call([1, 1, 2, 4], [3, 2])).toThrow("rope: x [B, H, T, D] needs cos and sin [T, D/2]");
    expect(call([1, 1, 2, 4], [2, 2], [2, 1])).toThrow(ShapeError);
    expect(call([2, 2, 4], [2, 2])).toThrow(ShapeError);
    expect(call([0, 1, 2, 4], [2, 2])).toThrow("rope: tensors must not be empty");
  });
});
