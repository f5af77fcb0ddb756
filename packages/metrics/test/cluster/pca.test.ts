import { createRng } from "@x/core";
import { pca, projectPca } from "@x/metrics/cluster";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/cluster.json" with { type: "json" };

const { rows, dim, projected, ...expected } = fixtures.pca;

describe("pca", () => {
  it("equals scikit-learn in mean, components, signs and variances", () => {
    const found = pca(rows, dim, { components: 4 });
    expectClose(found.mean, expected.mean, { atol: 1e-9 });
    expectClose(found.components, expected.components, { atol: 1e-9 });
    expectClose(found.explainedVariance, expected.explainedVariance, { rtol: 1e-9 });
    expectClose(found.explainedVarianceRatio, expected.explainedVarianceRatio, { rtol: 1e-9 });
  });

  it("explains all of the variance with all components", () => {
    const { explainedVarianceRatio } = pca(rows, dim);
    expect(explainedVarianceRatio.length).toBe(dim);
    expectClose(
      explainedVarianceRatio.reduce((a, b) => a + b, 0),
      1,
      { atol: 1e-12 },
    );
  });

  it("finds the line through points on a line, and no variance in equal points", () => {
    const line = pca([0, 0, 3, 4, 6, 8], 2);
    expectClose(line.components.subarray(0, 2), [0.6, 0.8], { atol: 1e-12 });
    expectClose(line.explainedVarianceRatio, [1, 0], { atol: 1e-12 });
    expect(pca([5, 5, 5, 5], 2).explainedVarianceRatio).toEqual(Float64Array.of(0, 0));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => pca([1, 2, Number.NaN, 4], 2), { argument: "rows", index: 2 });
    expectValueError(() => pca([1, 2], 2), { argument: "rows", value: 1 });
    expectValueError(() => pca([1, 2, 3, 4], 2, { components: 3 }), { argument: "components", value: 3 });
  });
});

describe("projectPca", () => {
  it("equals scikit-learn's transform", () => {
    expectClose(projectPca(rows, pca(rows, dim, { components: 4 })), projected, { atol: 1e-8 });
  });

  it("keeps distances when all components are kept", () => {
    const rng = createRng(1);
    const points = Array.from({ length: 30 }, () => rng.normal());
    const moved = projectPca(points, pca(points, 3));
    const distance = (x: ArrayLike<number>, a: number, b: number) =>
      Math.hypot(...[0, 1, 2].map((i) => x[a * 3 + i]! - x[b * 3 + i]!));
    for (let a = 0; a < 10; a++)
      for (let b = 0; b < a; b++) expectClose(distance(moved, a, b), distance(points, a, b), { rtol: 1e-12 });
  });

  it("refuses rows of another width", () => {
    expectValueError(() => projectPca([1, 2, 3], pca(rows, dim)), { argument: "rows", value: 3 });
  });
});
