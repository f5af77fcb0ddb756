import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cholesky, logPeak, whiten, whitenPrecision } from "../../src/continuous/cholesky.js";
import { expectClose } from "../expect-close.js";

/** Aᵀ B. */
function transposeTimes(a: ArrayLike<number>, b: ArrayLike<number>, dim: number): Float64Array {
  return Float64Array.from({ length: dim * dim }, (_, at) => {
    const [i, j] = [Math.floor(at / dim), at % dim];
    let sum = 0;
    for (let m = 0; m < dim; m++) sum += a[m * dim + i]! * b[m * dim + j]!;
    return sum;
  });
}
const identity = (dim: number) => Float64Array.from({ length: dim * dim }, (_, at) => (at % (dim + 1) === 0 ? 1 : 0));

/** A positive definite matrix: Aᵀ A + I. */
function definite(seed: number, dim: number): Float64Array {
  const rng = createRng(seed);
  const a = Float64Array.from({ length: dim * dim }, () => rng.normal());
  return transposeTimes(a, a, dim).map((x, at) => x + (at % (dim + 1) === 0 ? 1 : 0));
}
const matrices = fc.record({ seed: fc.integer(), dim: fc.integer({ min: 1, max: 8 }) });

describe("cholesky", () => {
  it("gives a lower triangle whose product with its transpose is the matrix", () => {
    const l = new Float64Array(9);
    expect(cholesky(Float64Array.of(4, 0, 0, 12, 37, 0, -16, -43, 98), l, 0, 3)).toBe(true);
    expect([...l]).toEqual([2, 0, 0, 6, 1, 0, -8, 5, 3]);
  });

  it.each([[[0]], [[-1]], [[Number.NaN]], [[Infinity]], [[1, 1, 1, 1]], [[1, 2, 2, 1]]])("is false for %j", (a) => {
    expect(cholesky(Float64Array.from(a), new Float64Array(a.length), 0, Math.sqrt(a.length))).toBe(false);
  });
});

describe("whiten", () => {
  it("makes the covariance the identity: Wᵀ W Σ = I", () => {
    fc.assert(
      fc.property(matrices, ({ seed, dim }) => {
        const sigma = definite(seed, dim);
        const w = new Float64Array(dim * dim);
        expect(whiten(sigma, w, 0, dim)).toBe(true);
        expectClose(transposeTimes(transposeTimes(w, w, dim), sigma, dim), identity(dim), { atol: 1e-9 });
      }),
    );
  });

  it("is false for a singular matrix", () => {
    expect(whiten(Float64Array.of(1, 1, 1, 1), new Float64Array(4), 0, 2)).toBe(false);
  });
});

describe("whitenPrecision", () => {
  it("gives the lower triangle whose transpose times itself is the precision", () => {
    fc.assert(
      fc.property(matrices, ({ seed, dim }) => {
        const precision = definite(seed, dim);
        const w = new Float64Array(dim * dim);
        expect(whitenPrecision(precision, w, 0, dim)).toBe(true);
        expectClose(transposeTimes(w, w, dim), precision, { rtol: 1e-10, atol: 1e-10 });
        for (let i = 0; i < dim; i++)
          expect([...w.subarray(i * dim + i + 1, (i + 1) * dim)].every((x) => x === 0)).toBe(true);
      }),
    );
  });

  it("is false for a matrix that is not positive definite", () => {
    expect(whitenPrecision(Float64Array.of(1, 2, 2, 1), new Float64Array(4), 0, 2)).toBe(false);
  });
});

describe("logPeak", () => {
  it("is the log-density of a Gaussian at its mean", () => {
    // Two independent normals of deviation 1/2 and 1/4: 1 / (2π · 1/8).
    expectClose(logPeak(Float64Array.of(2, 0, 0, 4), 0, 2), Math.log(8 / (2 * Math.PI)), { rtol: 1e-15 });
  });
});
