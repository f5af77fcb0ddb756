import * as tf from "@tensorflow/tfjs-core";
import { ShapeError } from "@x/core";
import { describe, expect, it } from "vitest";
import { hashBits } from "../src/hash-bits.js";
import { createRuntime, random } from "../src/index.js";
import { backends, onEachBackend } from "./backends.js";

const values = (draw: (key: tf.Tensor) => tf.Tensor, key = 42): number[] =>
  tf.tidy(() => Array.from(draw(tf.scalar(key, "int32")).dataSync()));
const mean = (x: readonly number[]) => x.reduce((sum, value) => sum + value, 0) / x.length;
const n = 20_000;

onEachBackend("random", () => {
  it("uniform gives the words of the stream as multiples of 2⁻²⁴, from the offset on", () => {
    const expected = Array.from({ length: 12 }, (_, i) => hashBits(42, 5 + i) / 2 ** 24);
    expect(values((key) => random.uniform(key, [3, 4], 5))).toEqual(expected);
  });

  it("gumbel is −log(−log(1 − u)) of a 48-bit u, and finite", () => {
    const actual = values((key) => random.gumbel(key, [n]));
    for (const [i, g] of actual.entries()) {
      const u = (hashBits(42, i) + (hashBits(42, n + i) + 0.5) / 2 ** 24) / 2 ** 24; // a float32 has 24 bits of it
      const expected = -Math.log(-Math.log1p(-Math.min(Math.fround(u), 1 - 2 ** -24)));
      expect(Math.abs(g - expected)).toBeLessThan(2e-6 * Math.max(1, Math.abs(g)));
    }
    expect(mean(actual)).toBeCloseTo(0.5772, 1.5); // Euler's constant; deviation of the mean 0.009
  });

  it("normal is the transform of Box and Muller, with moments 0, 1, 0, 3", () => {
    const actual = values((key) => random.normal(key, [n]));
    for (const i of [0, 1, 777, n - 1]) {
      const [u, v] = [hashBits(42, i) / 2 ** 24, hashBits(42, n + i) / 2 ** 24];
      expect(actual[i]).toBeCloseTo(Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * v), 5);
    }
    // standard deviations of the sample moments: 0.007, 0.010, 0.027, 0.07
    const moment = (power: number) => mean(actual.map((x) => x ** power));
    expect(Math.abs(moment(1))).toBeLessThan(0.03);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.04);
    expect(Math.abs(moment(3))).toBeLessThan(0.11);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.28);
  });

  it("bernoulli has the frequency p, also where p is a tensor", () => {
    const [low, high] = values((key) => {
      const draws = random.bernoulli(key, [n, 2], tf.tensor1d([0.1, 0.9]));
      return tf.mean(draws, 0);
    });
    expect(low).toBeCloseTo(0.1, 1.9); // deviation 0.002
    expect(high).toBeCloseTo(0.9, 1.9);
    expect(values((key) => random.bernoulli(key, [8], 0))).toEqual(new Array(8).fill(0));
    expect(values((key) => random.bernoulli(key, [8], 1))).toEqual(new Array(8).fill(1));
  });

  it("categorical draws from softmax(logits) and never what −Infinity excludes", () => {
    const logits = [0, 1, Number.NEGATIVE_INFINITY, 2.5, -1];
    const draws = values((key) => random.categorical(key, tf.tile(tf.tensor2d([logits]), [n, 1])));
    const weights = logits.map(Math.exp);
    const total = weights.reduce((a, b) => a + b);
    const counts = logits.map((_, index) => draws.filter((draw) => draw === index).length);
    expect(counts[2]).toBe(0);
    const statistic = counts.reduce((sum, count, index) => {
      const expected = (n * weights[index]!) / total;
      return expected === 0 ? sum : sum + (count - expected) ** 2 / expected;
    }, 0);
    expect(statistic).toBeLessThan(16.3); // χ² with 3 degrees of freedom, 0.1 %
  });

  it("gives each of several keys the rows of that key alone", () => {
    const alone = [3, -9].map((key) => values((key) => random.gumbel(key, [4, 2]), key));
    const together = tf.tidy(() => random.gumbel(tf.tensor1d([3, -9], "int32"), [2, 4, 2]).arraySync() as number[][][]);
    expect(together.map((row) => row.flat())).toEqual(alone);
    expect(tf.tidy(() => random.uniform(tf.tensor1d([3], "int32"), [1, 4], 2).arraySync())).toEqual([
      Array.from({ length: 4 }, (_, i) => hashBits(3, 2 + i) / 2 ** 24),
    ]);
    tf.tidy(() => {
      expect(() => random.uniform(tf.tensor1d([1, 2], "int32"), [3, 2])).toThrow(ShapeError);
    });
  });

  it("folds an index into a key: the top bits are the stream's word there", () => {
    for (const [key, index] of [
      [7, 0],
      [-5, 12],
      [2 ** 31 - 1, 2 ** 20],
    ] as const)
      expect(random.foldIn(key, index) >>> 8).toBe(hashBits(key, index));
  });

  it("keeps the shape, also of a scalar", () => {
    tf.tidy(() => {
      const key = tf.scalar(1, "int32");
      expect(random.uniform(key, []).shape).toEqual([]);
      expect(random.normal(key, [2, 1, 3]).shape).toEqual([2, 1, 3]);
      expect(random.categorical(key, tf.zeros([2, 3, 4])).shape).toEqual([2, 3]);
      expect(random.categorical(key, tf.zeros([2, 3, 4])).dtype).toBe("int32");
    });
  });

  it("keeps no tensor besides the result", () => {
    const key = tf.scalar(1, "int32");
    const logits = tf.zeros([2, 3]);
    const before = tf.memory().numTensors;
    for (const draw of [random.uniform(key, [3]), random.gumbel(key, [3]), random.normal(key, [3])]) draw.dispose();
    random.bernoulli(key, [3], 0.5).dispose();
    random.categorical(key, logits).dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([key, logits]);
  });

  it("refuses a key that is no int32 scalar, an offset that is no position, logits without an axis", () => {
    tf.tidy(() => {
      expect(() => random.uniform(tf.scalar(1), [2])).toThrow(/int32 scalar.* got float32 \[\]/);
      expect(() => random.gumbel(tf.tensor1d([1, 2], "int32"), [3])).toThrow(/each row of \[3\]; got int32 \[2\]/);
      expect(() => random.uniform(tf.scalar(1, "int32"), [2], -1)).toThrow(/offset/);
      expect(() => random.uniform(tf.scalar(1, "int32"), [2], 0.5)).toThrow(/offset/);
      expect(() => random.categorical(tf.scalar(1, "int32"), tf.scalar(0))).toThrow(/got a scalar/);
    });
  });
});

describe("the backends of this machine", () => {
  it("agree: uniform bit for bit, gumbel and normal to 1e-6 of their size", async () => {
    const draws = [];
    for (const backend of backends) {
      await createRuntime({ backend });
      draws.push({
        uniform: values((key) => random.uniform(key, [1000])),
        gumbel: values((key) => random.gumbel(key, [1000])),
        normal: values((key) => random.normal(key, [1000])),
      });
    }
    const [first, ...others] = draws;
    for (const other of others) {
      expect(other.uniform).toEqual(first!.uniform);
      for (const name of ["gumbel", "normal"] as const) {
        other[name].forEach((x, i) => {
          expect(Math.abs(x - first![name][i]!)).toBeLessThan(2e-6 * Math.max(1, Math.abs(x)));
        });
      }
    }
  });
});
