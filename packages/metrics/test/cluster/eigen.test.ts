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
