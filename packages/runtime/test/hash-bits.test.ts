import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashBits, hashBitsTensor } from "../src/hash-bits.js";
import { onEachBackend } from "./backends.js";

// From an implementation in Python's unbounded integers; the indices are 0, 1, 2, 3, 4, 2³¹−1, 2³²−1.
const indices = [0, 1, 2, 3, 4, 2 ** 31 - 1, 2 ** 32 - 1];
const golden: ReadonlyArray<readonly [key: number, words: readonly number[]]> = [
  [0, [0, 5829961, 3561215, 6784506, 9427303, 11580837, 2983491]],
  [7, [9735073, 11370847, 8415661, 6967155, 2230593, 7593205, 7685826]],
  [-1, [6776962, 11599943, 3725312, 2051720, 16252949, 16029939, 10044756]],
  [123456789, [11071963, 14649609, 2987973, 16121038, 13405475, 2830044, 1095559]],
];

const words = (key: number, size: number, offset = 0): number[] =>
  tf.tidy(() => Array.from(hashBitsTensor(tf.scalar(key, "int32"), { size, offset }).dataSync()));

/** Σ (observed − expected)² / expected over equally likely cells. */
function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Correlation of two equally long lists. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]) => x.reduce((s, v) => s + v) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  const cross = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0);
  return cross(a, ma, b, mb) / Math.sqrt(cross(a, ma, a, ma) * cross(b, mb, b, mb));
}

describe("hashBits", () => {
  it.each(golden)("gives the golden words of key %i", (key, expected) => {
    expect(indices.map((index) => hashBits(key, index))).toEqual(expected);
  });

  // The three statistics below are fixed numbers: no draw is made, so they never fail by chance.
  const n = 1 << 16;
  const stream = (key: number) => Array.from({ length: n }, (_, i) => hashBits(key, i));

  it.each([1, 2, 0x12345678])("spreads each byte evenly (key %i)", (key) => {
    for (const shift of [0, 8, 16]) {
      const counts = new Array<number>(256).fill(0);
      for (const word of stream(key)) counts[(word >>> shift) & 255]!++;
      const statistic = chiSquare(counts);
      // χ² with 255 degrees of freedom has mean 255 and deviation 22.6
      expect(statistic).toBeGreaterThan(255 - 4 * 22.6);
      expect(statistic).toBeLessThan(255 + 4 * 22.6);
    }
  });

  it("has no serial correlation at the lags that tensors have", () => {
    const all = stream(3);
    for (const lag of [1, 2, 3, 8, 64, 256]) {
      expect(Math.abs(correlation(all.slice(lag), all.slice(0, -lag)))).toBeLessThan(4 / Math.sqrt(n - lag));
    }
  });

  it("gives uncorrelated streams to neighbouring keys", () => {
    const base = stream(1000);
    for (const key of [1001, 1002, 999, 1000 + 65536, -1000]) {
      expect(Math.abs(correlation(base, stream(key)))).toBeLessThan(4 / Math.sqrt(n));
    }
  });

  it("flips half of the bits when one bit of the key flips", () => {
    for (let bit = 0; bit < 32; bit++) {
      let flipped = 0;
      for (let i = 0; i < 4096; i++) {
        for (let x = hashBits(77, i) ^ hashBits(77 ^ (1 << bit), i); x !== 0; x &= x - 1) flipped++;
      }
      expect(flipped / 4096 / 24).toBeCloseTo(0.5, 1.7);
    }
  });
});

onEachBackend("hashBitsTensor", () => {
  it.each(golden)("gives the golden words of key %i", (key, expected) => {
    expect([...words(key, 5), ...words(key, 1, 2 ** 31 - 1), ...words(key, 1, 2 ** 32 - 1)]).toEqual(expected);
  });

  it("equals the host at any key, offset and size, across the ends of the integer ranges", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(2 ** 31 - 2, 2 ** 32 - 2)),
        fc.integer({ min: 1, max: 37 }),
        (key, offset, size) => {
          expect(words(key, size, offset)).toEqual(Array.from({ length: size }, (_, i) => hashBits(key, offset + i)));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("keeps no tensor", () => {
    const before = tf.memory().numTensors;
    words(5, 100);
    expect(tf.memory().numTensors).toBe(before);
  });
});
