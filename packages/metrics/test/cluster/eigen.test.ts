import { createRng } from "@x/core";
import { symmetricEigen } from "@x/metrics/cluster";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/cluster.json" with { type: "json" };

describe("symmetricEigen", () => {
  for (const { n, matrix, values, vectors } of fixtures.eigen)
    it(`equals numpy for n = ${n}`, () => {
      const found = symmetricEigen(matrix, n);
      expectClose(found.values, values, { atol: 1e-9 });
      expectClose(found.vectors, vectors, { atol: 1e-9 });
    });

  it("rebuilds a 60 × 60 matrix from orthonormal vectors", () => {
    const n = 60;
    const rng = createRng("eigen");
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = rng.normal();
    const { values, vectors } = symmetricEigen(matrix, n);
    expect(values).toEqual(values.slice().sort().reverse());
    const rebuilt = new Float64Array(n * n);
    const products = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        for (let k = 0; k < n; k++) {
          rebuilt[i * n + j]! += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!;
          products[i * n + j]! += vectors[i * n + k]! * vectors[j * n + k]!;
        }
    expectClose(rebuilt, matrix, { atol: 1e-12 });
    expectClose(
      products,
      Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0)),
      { atol: 1e-12 },
    );
  });

  it("solves a 768 × 768 problem whose eigenvalues span nine orders of magnitude", () => {
    const n = 768;
    const rng = createRng("large");
    const scales = Float64Array.from({ length: n }, (_, i) => 10 ** ((-4.5 * ((i * 331) % n)) / n));
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        const x = (i === j ? 1 : rng.normal() / 100) * scales[i]! * scales[j]!;
        matrix[i * n + j] = matrix[j * n + i] = x;
      }
    const { values, vectors } = symmetricEigen(matrix, n);
    let residual = 0;
    let skew = 0;
    for (let v = 0; v < n; v++) {
      const vector = vectors.subarray(v * n, (v + 1) * n);
      for (let i = 0; i < n; i++) {
        let product = 0;
        let dot = 0;
        for (let k = 0; k < n; k++) {
          product += matrix[i * n + k]! * vector[k]!;
          dot += vectors[i * n + k]! * vector[k]!;
        }
        residual = Math.max(residual, Math.abs(product - values[v]! * vector[i]!));
        skew = Math.max(skew, Math.abs(dot - (i === v ? 1 : 0)));
      }
    }
    expect(values[0]! / values[n - 1]!).toBeGreaterThan(1e8);
    expect(residual).toBeLessThan(1e-13 * values[0]!);
    expect(skew).toBeLessThan(1e-12);
    expect(values).toEqual(values.slice().sort().reverse());
  });

  it("keeps equal, zero and tiny eigenvalues apart", () => {
    expect(symmetricEigen([2, 0, 0, 2], 2).values).toEqual(Float64Array.of(2, 2));
    expect(symmetricEigen(new Float64Array(9), 3).values).toEqual(new Float64Array(3));
    expectClose(symmetricEigen([1, 1e-9, 1e-9, 1e-15], 2).values, [1, 1e-15 - 1e-18], { rtol: 1e-12, atol: 2e-24 });
  });

  it("forgives the rounding of float32 and refuses a matrix that is not symmetric", () => {
    expectClose(symmetricEigen([1, 0.5, 0.50000003, 1], 2).values, [1.5, 0.5], { atol: 1e-7 });
    expectValueError(() => symmetricEigen([1, 2, 3, 4], 2), { argument: "matrix", index: 1, value: 2 });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => symmetricEigen([1, Number.NaN, 3, 4], 2), { argument: "matrix", index: 1 });
    expectValueError(() => symmetricEigen([1, 2], 2), { argument: "matrix", value: 2 });
    expectValueError(() => symmetricEigen([1], 0), { argument: "n", value: 0 });
  });
});
