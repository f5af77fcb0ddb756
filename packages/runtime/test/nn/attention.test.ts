import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { nn } from "../../src/index.js";
import { onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";
import { dot, expectGradients, expectTorch, type Reference, rowsOf, sum, torchConstant } from "./check.js";

type Sizes = { B: number; H: number; Hkv: number; T: number; S: number; D: number };

/** One query after the other; `allowed` and `bias` are [B, H, T, S]. */
function reference(
  { B, H, Hkv, T, S, D }: Sizes,
  allowed: (b: number, h: number, t: number, s: number) => boolean,
): Reference {
  return (q, k, v, bias) => {
    const [queries, keys, values] = [q, k, v].map((x) => rowsOf(x!, D)) as [number[][], number[][], number[][]];
    const each = (length: number) => Array.from({ length }, (_, i) => i);
    return each(B).flatMap((b) =>
      each(H).flatMap((h) =>
        each(T).flatMap((t) => {
          const row = (s: number) => (b * Hkv + Math.floor((h * Hkv) / H)) * S + s;
          const at = (s: number) => ((b * H + h) * T + t) * S + s;
          const score = (s: number) =>
            dot(queries[(b * H + h) * T + t]!, keys[row(s)]!) / Math.sqrt(D) + (bias?.[at(s)] ?? 0);
          const weights = each(S).map((s) => (allowed(b, h, t, s) ? Math.exp(score(s)) : 0));
          const total = sum(weights) || 1;
          return each(D).map((d) => sum(weights.map((w, s) => (w * values[row(s)]![d]!) / total)));
        }),
      ),
    );
  };
}

const shapes = ({ B, H, Hkv, T, S, D }: Sizes) => [
  [B, H, T, D],
  [B, Hkv, S, D],
  [B, Hkv, S, D],
];
const sizes = fc.record({
  B: fc.integer({ min: 1, max: 2 }),
  Hkv: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 2 }),
  T: fc.integer({ min: 1, max: 4 }),
  S: fc.integer({ min: 1, max: 5 }),
  D: fc.integer({ min: 1, max: 3 }),
});

onEachBackend("attention", () => {
  it("is softmax(q·kᵀ/√D)·v with grouped heads, plain and causal, with the gradients of central differences", () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), ({ group, ...rest }, causal) => {
        const size = { ...rest, H: rest.Hkv * group };
        const expected = reference(size, (_b, _h, t, s) => !causal || s <= t + size.S - size.T);
        expectGradients((q, k, v) => nn.attention(q!, k!, v!, { causal }), expected, shapes(size));
      }),
      { numRuns: 10, seed: 1 },
    );
  });

  it("takes any mask that broadcasts, beside the causal one", () => {
    const size = { B: 2, H: 2, Hkv: 1, T: 3, S: 3, D: 2 };
    const cases: [number[], (b: number, h: number, t: number, s: number) => number][] = [
      [[2, 1, 1, 3], (b, _h, _t, s) => (b * 3 + s) % 2],
      [[3, 3], (_b, _h, t, s) => ((t + s) % 3 === 0 ? 0 : 1)],
      [[2, 2, 3, 3], (b, h, t, s) => (b + h + t * s) % 2],
    ];
    for (const [shape, rule] of cases) {
      const strides = shape.map((length, i) => (length === 1 ? 0 : shape.slice(i + 1).reduce((a, b) => a * b, 1)));
      const flat = Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0);
      for (let i = 0; i < 36; i++) {
        const index = [Math.floor(i / 18), Math.floor(i / 9) % 2, Math.floor(i / 3) % 3, i % 3] as const;
        flat[dot(strides, index.slice(-shape.length))] = rule(...index);
      }
      for (const causal of [false, true]) {
        const expected = reference(size, (b, h, t, s) => rule(b, h, t, s) === 1 && (!causal || s <= t));
        for (const dtype of ["int32", "bool", "float32"] as const) {
          const mask = tf.tensor(flat, shape, dtype);
          expectGradients((q, k, v) => nn.attention(q!, k!, v!, { causal, mask }), expected, shapes(size));
          mask.dispose();
        }
      }
    }
  });

  it("gives zeros and zero gradients to a query that may attend to nothing", () => {
    const [q, k, v] = [tf.ones([1, 1, 2, 2]), tf.ones([1, 1, 3, 2]), tf.ones([1, 1, 3, 2])];
    const mask = tf.tensor([
      [0, 0, 0],
      [1, 0, 1],
    ]);
    expectClose(nn.attention(q, k, v, { mask }).dataSync(), [0, 0, 1, 1], {});
    const grads = tf.grads((q, k, v) => tf.sum(nn.attention(q, k, v, { mask: tf.zeros([3]) })))([q, k, v]);
    for (const grad of grads) expectClose(grad.dataSync(), Array(grad.size).fill(0), {});
    // More queries than keys: the first ones come before every key.
    expectClose(
      nn.attention(q, tf.ones([1, 1, 1, 2]), tf.ones([1, 1, 1, 2]), { causal: true }).dataSync(),
      [0, 0, 1, 1],
      {},
    );
  });

  it("has a gradient for a bias that broadcasts", () => {
    const size = { B: 2, H: 2, Hkv: 2, T: 2, S: 3, D: 2 };
    const whole = reference(size, () => true);
    expectGradients((q, k, v, bias) => nn.attention(q!, k!, v!, { bias: bias! }), whole, [
      ...shapes(size),
      [2, 2, 2, 3],
    ]);
    const shared: Reference = (q, k, v, bias) => whole(q!, k!, v!, [...bias!, ...bias!]);
    expectGradients((q, k, v, bias) => nn.attention(q!, k!, v!, { bias: bias! }), shared, [...shapes(size), [2, 2, 3]]);
    const perHead: Reference = (q, k, v, bias) =>
      whole(
        q!,
        k!,
        v!,
        Array.from({ length: 24 }, (_, i) => bias![Math.floor(i / 6) % 2]!),
      );
    expectGradients((q, k, v, bias) => nn.attention(q!, k!, v!, { bias: bias! }), perHead, [
      ...shapes(size),
      [1, 2, 1, 1],
    ]);
  });

  it("agrees with PyTorch", () => {
    expectTorch("attention", (q, k, v) => nn.attention(q!, k!, v!));
    expectTorch("attentionCausal", (q, k, v) => nn.attention(q!, k!, v!, { causal: true }));
    const mask = torchConstant("attentionMasked", "mask", "int32");
    expectTorch("attentionMasked", (q, k, v, bias) => nn.attention(q!, k!, v!, { bias: bias!, mask }));
  });

  it("survives scores of ±10⁴", () => {
    const q = tf.tensor([200, -200], [1, 1, 2, 1]);
    const k = tf.tensor([50, -50], [1, 1, 2, 1]);
    const v = tf.tensor([1, 2], [1, 1, 2, 1]);
    expectClose(nn.attention(q, k, v).dataSync(), [1, 2], {});
    expectClose(nn.attention(q, k, v, { causal: true }).dataSync(), [1, 2], {});
  });

  it("throws ShapeError when heads, depths, lengths, mask or bias do not fit, or a tensor is empty", () => {
    const call =
      (q: number[], k: number[], v = k, options = {}) =>
      () =>
        nn.attention(tf.zeros(q), tf.zeros(k), tf.zeros(v), options);
    expect(call([1, 3, 2, 4], [1, 2, 2, 4])).toThrow(ShapeError);
    expect(call([1, 2, 2, 4], [1, 2, 2, 3])).toThrow(ShapeError);
    expect(call([1, 2, 2, 4], [2, 2, 2, 4])).toThrow(ShapeError);
    expect(call([1, 2, 2, 4], [1, 2, 2, 4], [1, 2, 3, 4])).toThrow("attention: q [B, H, T, D], k and v [B, Hkv, S, D]");
    expect(call([2, 2, 4], [2, 2, 4])).toThrow(ShapeError);
    expect(call([0, 2, 2, 4], [0, 2, 2, 4])).toThrow("attention: tensors must not be empty");
    const square = [1, 2, 2, 4];
    expect(call(square, square, square, { mask: tf.ones([3]) })).toThrow(
      "attention: mask must broadcast to [1,2,2,2], got [3]",
    );
    expect(call(square, square, square, { bias: tf.ones([2, 1, 1, 2]) })).toThrow("attention: bias must broadcast");
  });
});
