import { StateError } from "@x/core";
import { accuracy, ConfusionMatrix, confusionMatrix } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";

const labels = [2, 0, 7];
const label = fc.constantFrom(...labels);
const batch = fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 20 });
const truth = (pairs: readonly (readonly [number, number])[]) => pairs.map(([t]) => t);
const guess = (pairs: readonly (readonly [number, number])[]) => pairs.map(([, p]) => p);

describe("ConfusionMatrix", () => {
  it("is the matrix of all examples, in batches, one by one, and merged in any order", () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (parts) => {
        const expected = confusionMatrix(truth(parts.flat()), guess(parts.flat()), { labels });
        const inBatches = new ConfusionMatrix(labels);
        for (const part of parts) inBatches.addMany(truth(part), guess(part));
        const single = new ConfusionMatrix(labels);
        for (const [t, p] of parts.flat()) single.add(t, p);
        const merged = parts
          .map((part) => new ConfusionMatrix(labels).addMany(truth(part), guess(part)))
          .reduceRight((a, b) => a.merge(b));
        for (const found of [inBatches, single, merged]) expect(found.value()).toEqual(expected);
      }),
    );
  });

  it("gives a matrix that later examples do not change", () => {
    const matrix = new ConfusionMatrix([0, 1]).add(0, 0);
    const before = matrix.value();
    matrix.add(0, 1);
    expect(accuracy(before)).toBe(1);
    expect(accuracy(matrix.value())).toBe(0.5);
  });

  it("continues from its JSON", () => {
    const before = new ConfusionMatrix(labels).addMany([2, 0, 7], [2, 2, 7]);
    const after = ConfusionMatrix.fromJSON(JSON.parse(JSON.stringify(before)));
    expect(after.add(7, 0).value()).toEqual(before.add(7, 0).value());
  });

  it("refuses labels that were not announced and counts nothing of that batch", () => {
    const matrix = new ConfusionMatrix(labels);
    const message = /^ConfusionMatrix.addMany: /;
    expectValueError(() => matrix.addMany([2, 1], [2, 2]), { argument: "yTrue", index: 1, value: 1, message });
    expectValueError(() => matrix.addMany([2, 2], [2, 3]), { argument: "yPred", index: 1, value: 3 });
    expectValueError(() => matrix.addMany([2, 2], [2]), { argument: "yPred", value: 1 });
    expect(matrix.toJSON()).toEqual(new ConfusionMatrix(labels).toJSON());
    expectValueError(() => matrix.merge(new ConfusionMatrix([0, 2, 7])), { argument: "other", value: [0, 2, 7] });
    expectValueError(() => new ConfusionMatrix([]), { argument: "labels", value: 0 });
    expectValueError(() => new ConfusionMatrix([1, 1]), { argument: "labels", index: 1, value: 1 });
    expectValueError(() => accuracy(matrix.value()), { argument: "counts", value: 0 });
  });

  it("refuses foreign state", () => {
    const state = new ConfusionMatrix([0, 1]).add(0, 1).toJSON();
    const bad = [null, { ...state, version: 0 }, { ...state, labels: [0, 0] }, { ...state, labels: [] }];
    for (const foreign of [
      ...bad,
      { ...state, counts: [1, 2, 3] },
      { ...state, counts: [1, 2, 3, -4] },
      { version: 1 },
    ])
      expect(() => ConfusionMatrix.fromJSON(foreign)).toThrow(StateError);
  });
});
