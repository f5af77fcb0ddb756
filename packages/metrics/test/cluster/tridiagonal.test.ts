import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { diagonalise, type Tridiagonal, tridiagonalise } from "../../src/cluster/tridiagonal.js";
import { expectClose } from "../expect-close.js";

const identity = (n: number) => Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));

/** X Yᵀ */
function timesTransposed(x: Float64Array, y: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += x[Math.floor(at / n) * n + k]! * y[(at % n) * n + k]!;
    return sum;
  });
}

function symmetric(n: number, entry: (i: number, j: number) => number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = a[j * n + i] = entry(i, j);
  return a;
}

function dense({ diagonal, beside }: Tridiagonal): Float64Array {
  return symmetric(diagonal.length, (i, j) => (i === j ? diagonal[i]! : i === j + 1 ? beside[j]! : 0));
}

describe("tridiagonalise", () => {
  const rng = createRng("tridiagonal");
  const cases: [string, Float64Array, number][] = [
    ["a random", symmetric(12, rng.normal), 12],
    ["a sparse", symmetric(12, () => (rng.float() < 0.2 ? rng.normal() : 0)), 12],
    ["a tiny", symmetric(7, () => 1e-200 * rng.normal()), 7],
    ["a tridiagonal", symmetric(6, (i, j) => (i - j < 2 ? rng.normal() : 0)), 6],
    ["a 1 × 1", Float64Array.of(3), 1],
    ["a 2 × 2", Float64Array.of(1, 2, 2, -1), 2],
  ];
  for (const [name, a, n] of cases)
    it(`turns ${name} matrix into W A Wᵀ with an orthogonal W`, () => {
      const found = tridiagonalise(a.slice(), n);
      const largest = a.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
      expectClose(timesTransposed(found.rows, found.rows, n), identity(n), { atol: 1e-14 });
      const turned = timesTransposed(timesTransposed(found.rows, a, n), found.rows, n);
      expectClose(turned, dense(found), { atol: 1e-14 * n * largest });
    });

  it("reads the lower triangle only", () => {
    const a = symmetric(8, rng.normal);
    const lower = a.map((x, k) => (k % 8 > Math.floor(k / 8) ? Number.NaN : x));
    expect(tridiagonalise(lower, 8)).toEqual(tridiagonalise(a.slice(), 8));
  });
});

describe("diagonalise", () => {
  it("finds the eigenvalues 2 − 2cos(kπ/(n + 1)) of a chain of springs", () => {
    const n = 40;
    const chain = {
      diagonal: new Float64Array(n).fill(2),
      beside: new Float64Array(n).fill(-1, 0, n - 1),
      rows: identity(n),
    };
    diagonalise(chain);
    const expected = Float64Array.from({ length: n }, (_, k) => 2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
    expectClose(chain.diagonal.sort(), expected, { atol: 1e-14 });
  });

  it("keeps vectors orthogonal where eigenvalues agree to fifteen digits (Wilkinson's W₂₁⁺)", () => {
    const n = 21;
    const wilkinson = {
      diagonal: Float64Array.from({ length: n }, (_, i) => Math.abs(i - 10)),
      beside: new Float64Array(n).fill(1, 0, n - 1),
      rows: identity(n),
    };
    const a = dense(wilkinson);
    diagonalise(wilkinson);
    const { diagonal, rows } = wilkinson;
    expectClose(timesTransposed(rows, rows, n), identity(n), { atol: 1e-14 });
    expectClose(
      timesTransposed(timesTransposed(rows, a, n), rows, n),
      symmetric(n, (i, j) => (i === j ? diagonal[i]! : 0)),
      {
        atol: 1e-13,
      },
    );
    expectClose(diagonal.sort().subarray(-2), [10.746194182903393, 10.746194182903393], { rtol: 1e-14 });
  });

  it("leaves a diagonal matrix as it is", () => {
    const diagonal = Float64Array.of(3, -1, 0, 7);
    const found = { diagonal: diagonal.slice(), beside: new Float64Array(4), rows: identity(4) };
    diagonalise(found);
    expect(found.diagonal).toEqual(diagonal);
    expect(found.rows).toEqual(identity(4));
  });
});
