import { confusionMatrix } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";
import { expectParity, predicted, weightsOf } from "./fixture.js";

describe("confusionMatrix", () => {
  it("equals scikit-learn", () => {
    for (const { yTrue, yPred, labels, sampleWeight, counts } of predicted)
      expectParity(confusionMatrix(yTrue, yPred, { labels, ...weightsOf(sampleWeight) }).counts, counts);
  });

  it("holds every example once, in the labels that occur unless others are given", () => {
    const label = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 40 }), (pairs) => {
        const yTrue = pairs.map(([t]) => t);
        const yPred = pairs.map(([, p]) => p);
        const { labels, counts } = confusionMatrix(yTrue, yPred);
        expect(labels).toEqual([...new Set(pairs.flat())].sort((a, b) => a - b));
        labels.forEach((t, row) => {
          labels.forEach((p, column) => {
            const expected = pairs.filter(([a, b]) => a === t && b === p).length;
            expect(counts[row * labels.length + column]).toBe(expected);
          });
        });
      }),
    );
    expect(confusionMatrix([1, 0, 1], [1, 1, 0], { labels: [1, 0, 2] })).toEqual({
      labels: [1, 0, 2],
      counts: Float64Array.of(1, 1, 0, 1, 0, 0, 0, 0, 0),
    });
  });

  it("loses nothing of small weights beside a large one", () => {
    const n = 1001;
    const sampleWeight = Float64Array.from({ length: n }, (_, i) => (i === 0 ? 2 ** 53 : 0.5));
    const { counts } = confusionMatrix(new Uint8Array(n), new Uint8Array(n), { sampleWeight });
    expect(counts[0]! - 2 ** 53).toBe(500);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => confusionMatrix([], []), { argument: "yTrue", value: 0, message: /^confusionMatrix: / });
    expectValueError(() => confusionMatrix([0, 1], [0]), { argument: "yPred", value: 1 });
    expectValueError(() => confusionMatrix([0, 1], [0, Number.NaN]), { argument: "yPred", index: 1 });
    expectValueError(() => confusionMatrix([0, 2], [0, 1], { labels: [0, 1] }), {
      argument: "yTrue",
      index: 1,
      value: 2,
    });
    expectValueError(() => confusionMatrix([0, 1], [0, 2], { labels: [0, 1] }), {
      argument: "yPred",
      index: 1,
      value: 2,
    });
    expectValueError(() => confusionMatrix([0, 1], [0, 1], { labels: [] }), { argument: "labels", value: 0 });
    expectValueError(() => confusionMatrix([0, 1], [0, 1], { labels: [0, 1, 0] }), { argument: "labels", index: 2 });
    expectValueError(() => confusionMatrix([0, 1], [0, 1], { sampleWeight: [-1, 1] }), {
      argument: "sampleWeight",
      index: 0,
      value: -1,
    });
  });
});
