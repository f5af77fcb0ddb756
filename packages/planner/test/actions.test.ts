import { ShapeError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { assignActions, codebookOf, fitActions } from "../src/actions.js";
import { expectClose } from "./expect-close.js";

const embedder = { id: "points", dim: 2 };
const points = Float32Array.of(0, 0, 0, 1, 9, 9, 9, 8, 0, 2, 9, 10);

describe("fitActions", () => {
  it("finds the means of separate groups", () => {
    const { centroids, actions, dim, embedderId } = fitActions(points, { embedder, actions: 2, seed: 1 });
    expect([actions, dim, embedderId]).toEqual([2, 2, "points"]);
    expectClose(
      [...centroids].sort((a, b) => a - b),
      [0, 1, 9, 9],
      { atol: 1e-6 },
    );
  });

  it("has an id made of the centroids and the embedder", () => {
    const fit = (id: string, seed: number) => fitActions(points, { embedder: { id, dim: 2 }, actions: 2, seed }).id;
    expect(fit("a", 1)).toBe(fit("a", 1));
    expect(fit("a", 1)).not.toBe(fit("b", 1));
    expect(codebookOf(Float32Array.of(1, 2), 2, "a").id).not.toBe(codebookOf(Float32Array.of(1, 3), 2, "a").id);
  });

  it("throws ValueError for fewer sentences than actions, ShapeError for half a vector", () => {
    expect(() => fitActions(points, { embedder, actions: 7, seed: 1 })).toThrow(ValueError);
    expect(() => fitActions(points, { embedder, actions: 7, seed: 1 })).toThrow(
      "in [1, 6], the number of sentences, got 7",
    );
    expect(() => fitActions(points.subarray(1), { embedder, actions: 2, seed: 1 })).toThrow(ShapeError);
  });
});

describe("assignActions", () => {
  it("gives each vector its nearest centroid, the first among ties", () => {
    const codebook = codebookOf(Float32Array.of(0, 0, 4, 0, 0, 4), 2, "points");
    expect([...assignActions(codebook, Float32Array.of(3, 0, 2, 0, 0, 3, 1, 1))]).toEqual([1, 0, 2, 0]);
    expect(() => assignActions(codebook, Float32Array.of(1))).toThrow(ShapeError);
  });
});
