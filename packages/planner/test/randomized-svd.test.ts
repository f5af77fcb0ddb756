import { readFileSync } from "node:fs";
import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomizedSvd } from "../src/randomized-svd.js";
import { fitTfidf, type SparseRows, tfidfRows } from "../src/tfidf.js";
import { expectClose } from "./expect-close.js";

const fixture = JSON.parse(readFileSync(new URL("fixtures/tfidf-svd.json", import.meta.url), "utf8"));

function sparse(rows: readonly (readonly number[])[]): SparseRows {
  const width = rows[0]!.length;
  return {
    rows: rows.length,
    width,
    starts: Int32Array.from({ length: rows.length + 1 }, (_, i) => i * width),
    columns: Int32Array.from(rows.flatMap((row) => row.map((_, j) => j))),
    values: Float64Array.from(rows.flat()),
  };
}

describe("randomizedSvd", () => {
  it("finds the singular values and directions of a diagonal matrix, falling and of positive sign", async () => {
    const { vectors, singularValues } = await randomizedSvd(
      sparse([
        [0, 2, 0],
        [-3, 0, 0],
        [0, 0, 1],
      ]),
      2,
      createRng(1),
    );
    expectClose(singularValues, [3, 2]);
    expectClose(vectors, [1, 0, 0, 1, 0, 0], { atol: 1e-7 });
  });

  it("equals scikit-learn's TruncatedSVD: singular values, and the subspace to an angle below 1e-2", async () => {
    const model = fitTfidf(fixture.sentences, 2, 10_000);
    const { vectors, singularValues } = await randomizedSvd(tfidfRows(model, fixture.sentences), 5, createRng(2));
    expectClose(singularValues, fixture.singularValues, { rtol: 1e-4 });
    const order = fixture.features.map((f: string) => model.columns.get(f)!);
    // cos of the largest angle ≥ √(1 − Σ sin²), and Σ sin² = rank − ‖V₁ᵀV₂‖²
    let overlap = 0;
    for (const component of fixture.components)
      for (let k = 0; k < 5; k++)
        overlap +=
          order.reduce((sum: number, c: number, i: number) => sum + component[i] * vectors[c * 5 + k]!, 0) ** 2;
    expect(Math.sqrt(5 - overlap)).toBeLessThan(1e-2);
  });

  it("gives orthonormal columns whose images have the singular values as lengths", async () => {
    const matrix = fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 6 }), {
      minLength: 8,
      maxLength: 14,
    });
    await fc.assert(
      fc.asyncProperty(matrix, async (rows) => {
        const { vectors, singularValues } = await randomizedSvd(sparse(rows), 3, createRng(3));
        for (let k = 0; k < 3; k++) {
          if (singularValues[k] === 0) continue;
          const column = (c: number) => Array.from({ length: 6 }, (_, j) => vectors[j * 3 + c]!);
          const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
          expect(dot(column(k), column(k))).toBeCloseTo(1, 5);
          for (let l = 0; l < k; l++) expect(dot(column(k), column(l))).toBeCloseTo(0, 4);
          expect(Math.hypot(...rows.map((row) => dot(row, column(k))))).toBeCloseTo(singularValues[k]!, 3);
        }
      }),
    );
  });

  it("fills what lies beyond the rank with zeros", async () => {
    const { vectors, singularValues } = await randomizedSvd(
      sparse([
        [1, 1],
        [2, 2],
      ]),
      4,
      createRng(4),
    );
    expectClose(singularValues, [Math.sqrt(10), 0, 0, 0], { atol: 1e-6 });
    expectClose(vectors, [Math.SQRT1_2, 0, 0, 0, Math.SQRT1_2, 0, 0, 0], { atol: 1e-7 });
  });
});
