import { createRng } from "@x/core";
import { histogramMauve, labelMauve, mauve } from "@x/metrics/text";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/text.json" with { type: "json" };

const normals = (seed: string, n: number, dim: number, shift = 0) => {
  const rng = createRng(seed);
  return Float32Array.from({ length: n * dim }, () => shift + rng.normal());
};

describe("mauve", () => {
  const { p, q, dim, ...expected } = fixtures.mauveEmbeddings;

  it("equals mauve-text on embeddings whose clusters are apart, so that both find the same ones", () => {
    const found = mauve(p, q, dim);
    expect(found.clusters).toBe(expected.clusters);
    expect(found.pHist.slice().sort()).toEqual(Int32Array.from(expected.pCounts));
    expect(found.qHist.slice().sort()).toEqual(Int32Array.from(expected.qCounts));
    expectClose(found.mauve, expected.mauve, { atol: 1e-12 });
  });

  it("falls as the second set moves away, and is high for two samples of one distribution", () => {
    const scores = [0, 1, 3].map((shift) => mauve(normals("p", 200, 8), normals("q", 200, 8, shift), 8).mauve);
    expect(scores[0]).toBeGreaterThan(0.8);
    expect(scores[0]).toBeGreaterThan(scores[1]!);
    expect(scores[1]).toBeGreaterThan(scores[2]!);
  });

  it("does not see the lengths of rows, nor rows of zeros as errors", () => {
    const scaled = Float64Array.from(p, (x, k) => x * (1 + (Math.floor(k / dim) % 7)));
    expectClose(mauve(scaled, q, dim).mauve, mauve(p, q, dim).mauve, { atol: 1e-12 });
    expectClose(mauve(new Float32Array(12), new Float32Array(12), 3).mauve, 1, { atol: 1e-12 });
  });

  it("reports how it was made: clusters by default a tenth of the smaller set, half to even, at least 2", () => {
    const clustersOf = (nP: number, nQ: number) => mauve(normals("p", nP, 2), normals("q", nQ, 2), 2).clusters;
    expect([clustersOf(25, 90), clustersOf(90, 35), clustersOf(36, 40), clustersOf(3, 4)]).toEqual([2, 4, 4, 2]);
    const found = mauve(p, q, dim, { clusters: 3, seed: "s" });
    expect(found).toMatchObject({ clusters: 3, seed: "s", samples: 40, stable: false });
    expect(mauve(p, q, dim, { clusters: 3, seed: "s" })).toEqual(found);
    const large = mauve(normals("p", 500, 2), normals("q", 600, 2), 2, { clusters: 100, seed: 0 });
    expect(large).toMatchObject({ samples: 500, stable: true });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => mauve([1, 2, 3], [1, 2], 2), { argument: "p", value: 3 });
    expectValueError(() => mauve([1, 2], [1, Number.NaN], 2), { argument: "q", index: 1 });
    expectValueError(() => mauve([1, 2], [1, 2], 2, { clusters: 3 }), { argument: "clusters", value: 3 });
    expectValueError(() => mauve([1, 2], [1, 2], 0), { argument: "dim", value: 0 });
  });
});

describe("labelMauve", () => {
  it("is that of the labels' histograms, up to the largest label of either", () => {
    const found = labelMauve([0, 0, 2], Int32Array.of(3, 0, 0, 2));
    expect(found.pHist).toEqual(Int32Array.of(2, 0, 1, 0));
    expect(found.qHist).toEqual(Int32Array.of(2, 0, 1, 1));
    expect(found).toMatchObject({ ...histogramMauve([2, 0, 1, 0], [2, 0, 1, 1]), samples: 3, stable: false });
  });

  it("is stable from 500 samples of either kind and five for each cluster on", () => {
    const labels = (n: number, clusters: number) => Int32Array.from({ length: n }, (_, i) => i % clusters);
    expect(labelMauve(labels(500, 100), labels(900, 100)).stable).toBe(true);
    expect(labelMauve(labels(500, 101), labels(900, 101)).stable).toBe(false);
    expect(labelMauve(labels(900, 10), labels(499, 10)).stable).toBe(false);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => labelMauve([], [1]), { argument: "pLabels", value: 0 });
    expectValueError(() => labelMauve([1], [1, -1]), { argument: "qLabels", index: 1, value: -1 });
    expectValueError(() => labelMauve([0.5], [1]), { argument: "pLabels", index: 0, value: 0.5 });
    expectValueError(() => labelMauve([1], [Number.NaN]), { argument: "qLabels", index: 0 });
  });
});
