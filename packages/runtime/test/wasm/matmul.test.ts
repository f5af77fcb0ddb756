import * as tf from "@tensorflow/tfjs-core";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backends, onEachBackend } from "../backends.js";
import { expectClose } from "../expect-close.js";

/** A tensor of normal numbers and the same numbers as a function of the full index, transposed where asked. */
function random(shape: readonly number[], seed: string) {
  const rng = createRng(seed);
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, () => rng.normal());
  return { tensor: tf.tensor(values, [...shape]), values };
}

/** Σₖ a[i, k]·b[k, j] in float64 for one pair of matrices, each given by its values and a transpose. */
function product(
  [m, k, n]: readonly [number, number, number],
  a: Float32Array,
  b: Float32Array,
  [transposeA, transposeB]: readonly [boolean, boolean],
): number[] {
  const out: number[] = [];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) {
        sum += a[transposeA ? p * m + i : i * k + p]! * b[transposeB ? j * k + p : p * n + j]!;
      }
      out.push(sum);
    }
  }
  return out;
}

const activations = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  relu6: (x: number) => Math.min(6, Math.max(0, x)),
  elu: (x: number) => (x < 0 ? Math.expm1(x) : x),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x: number) => (x < 0 ? 0.3 * x : x),
};

const size = fc.oneof(fc.constantFrom(1, 4, 8, 9), fc.integer({ min: 1, max: 37 }));
const sizes = fc.tuple(size, size, size);
const batches = fc.constantFrom<number[]>([], [1], [3], [2, 3]);

onEachBackend("matMul", () => {
  it("equals the sums in float64 at any size, transpose and batch", () => {
    fc.assert(
      fc.property(sizes, batches, fc.boolean(), fc.boolean(), ([m, k, n], batch, transposeA, transposeB) => {
        tf.tidy(() => {
          const a = random([...batch, ...(transposeA ? [k, m] : [m, k])], "a");
          const b = random([...batch, ...(transposeB ? [n, k] : [k, n])], "b");
          const c = tf.matMul(a.tensor, b.tensor, transposeA, transposeB);
          expect(c.shape).toEqual([...batch, m, n]);
          const expected = Array.from({ length: tf.util.sizeFromShape(batch) }, (_, i) =>
            product(
              [m, k, n],
              a.values.subarray(i * m * k, (i + 1) * m * k),
              b.values.subarray(i * k * n, (i + 1) * k * n),
              [transposeA, transposeB],
            ),
          );
          expectClose(c.dataSync(), expected.flat(), { rtol: 1e-5, atol: 1e-5 });
        });
      }),
      { numRuns: 40 },
    );
  });

  it("equals them where one block of the kernel, 256 by 512, is not enough", () => {
    for (const [m, k, n] of [
      [6, 513, 9],
      [3, 5, 1031],
      [9, 300, 530],
    ] as const) {
      for (const [transposeA, transposeB] of [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ] as const) {
        tf.tidy(() => {
          const a = random(transposeA ? [k, m] : [m, k], "a");
          const b = random(transposeB ? [n, k] : [k, n], "b");
          const c = tf.matMul(a.tensor, b.tensor, transposeA, transposeB);
          const expected = product([m, k, n], a.values, b.values, [transposeA, transposeB]);
          expectClose(c.dataSync(), expected, { rtol: 1e-5, atol: 1e-4 });
        });
      }
    }
  });

  it.each([
    [[], [4]],
    [[4], []],
    [[4], [1]],
    [
      [1, 1],
      [2, 3],
    ],
    [[2, 3], [3]],
  ])("broadcasts a batch [%s] against [%s]", (left, right) => {
    tf.tidy(() => {
      const [m, k, n] = [3, 5, 9] as const;
      const a = random([...left, m, k], "a");
      const b = random([...right, n, k], "b");
      const rank = Math.max(left.length, right.length) + 2;
      const spread = (x: tf.Tensor, batch: readonly number[]) => {
        const padded = tf.reshape(x, [...Array<number>(rank - x.rank).fill(1), ...x.shape]);
        return tf.tile(padded, [...batch.map((length, axis) => length / padded.shape[axis]!), 1, 1]);
      };
      const batch = tf.broadcast_util.assertAndGetBroadcastShape([...left], [...right]);
      const repeated = tf.matMul(spread(a.tensor, batch), spread(b.tensor, batch), false, true);
      const broadcast = tf.matMul(a.tensor, b.tensor, false, true);
      expect(broadcast.shape).toEqual([...batch, m, n]);
      expectClose(broadcast.dataSync(), repeated.dataSync(), { atol: 1e-5 });
    });
  });

  it("refuses inner sizes that differ", () => {
    tf.tidy(() => {
      expect(() => tf.matMul(tf.zeros([2, 3]), tf.zeros([2, 3]))).toThrow();
    });
  });

  it("keeps no tensor besides the result", () => {
    const [a, b] = [tf.ones([3, 4]), tf.ones([4, 5])];
    const before = tf.memory().numTensors;
    tf.matMul(a, b).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([a, b]);
  });
});

onEachBackend("fused.matMul", () => {
  it.each(Object.entries(activations))("adds the bias once and applies %s to the whole sum", (activation, f) => {
    tf.tidy(() => {
      const [m, k, n] = [5, 300, 521] as const; // more than the stock kernel's slices and than a block of ours
      const a = random([k, m], "a");
      const b = random([k, n], "b");
      const bias = random([n], "bias");
      const y = tf.fused.matMul({
        a: a.tensor as tf.Tensor2D,
        b: b.tensor as tf.Tensor2D,
        transposeA: true,
        bias: bias.tensor,
        activation: activation as tf.fused.Activation,
        leakyreluAlpha: 0.3,
      });
      const sums = product([m, k, n], a.values, b.values, [true, false]);
      const expected = sums.map((sum, index) => f(sum + bias.values[index % n]!));
      expectClose(y.dataSync(), expected, { rtol: 1e-5, atol: 1e-4 });
    });
  });

  it("takes prelu weights and a bias of one number", () => {
    tf.tidy(() => {
      const a = tf.tensor2d([[1, -2]]);
      const b = tf.tensor2d([[3, 1], [1, 2]]); // biome-ignore format: a matrix
      const preluActivationWeights = tf.tensor1d([0.5, 0.25]);
      const y = tf.fused.matMul({ a, b, bias: tf.tensor1d([-2]), activation: "prelu", preluActivationWeights });
      expectClose(y.dataSync(), [-0.5, -1.25], { atol: 1e-6 });
    });
  });

  it("keeps no tensor besides the result", () => {
    const [a, b] = [tf.ones<tf.Rank.R2>([3, 4]), tf.ones<tf.Rank.R2>([4, 5])];
    const bias = tf.ones([1]);
    const before = tf.memory();
    tf.fused.matMul({ a, b, bias, activation: "sigmoid" }).dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    tf.dispose([a, b, bias]);
  });
});

describe("batches that both repeat", () => {
  it("are all combinations on wasm", async () => {
    expect(backends).toContain("wasm");
    await tf.setBackend("wasm");
    tf.tidy(() => {
      const a = tf.tensor([1, 2], [2, 1, 1, 1]);
      const b = tf.tensor([3, 5, 7], [1, 3, 1, 1]);
      const c = tf.matMul(a, b);
      expect(c.shape).toEqual([2, 3, 1, 1]);
      expect([...c.dataSync()]).toEqual([3, 5, 7, 6, 10, 14]);
    });
  });
});
