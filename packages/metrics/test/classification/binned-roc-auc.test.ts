import { StateError } from "@x/core";
import { BinnedRocAuc, rocAuc } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const batch = fc.array(fc.tuple(fc.nat(1), fc.double({ min: 0, max: 1, noNaN: true })), {
  minLength: 1,
  maxLength: 25,
});
const labels = (examples: readonly (readonly [number, number])[]) => examples.map(([y]) => y);
const scores = (examples: readonly (readonly [number, number])[]) => examples.map(([, score]) => score);

describe("BinnedRocAuc", () => {
  it("is the area of the bins' numbers, and that of the scores within its margin", () => {
    fc.assert(
      fc.property(batch, fc.integer({ min: 2, max: 20 }), (examples, bins) => {
        const yTrue = labels(examples);
        fc.pre(new Set(yTrue).size === 2);
        const { auc, margin, positives, negatives } = new BinnedRocAuc({ bins })
          .addMany(yTrue, scores(examples))
          .value();
        const binned = scores(examples).map((score) => Math.min(Math.floor(score * bins), bins - 1));
        expectClose(auc, rocAuc(yTrue, binned), { atol: 1e-14 });
        expect(Math.abs(auc - rocAuc(yTrue, scores(examples)))).toBeLessThanOrEqual(margin + 1e-14);
        expect([positives, negatives]).toEqual([
          yTrue.filter((y) => y === 1).length,
          yTrue.filter((y) => y === 0).length,
        ]);
      }),
    );
  });

  it("gives the same in batches, one by one, and merged in any order", () => {
    fc.assert(
      fc.property(fc.array(batch, { minLength: 1, maxLength: 6 }), (parts) => {
        const whole = new BinnedRocAuc({ bins: 8 }).addMany(labels(parts.flat()), scores(parts.flat()));
        const single = new BinnedRocAuc({ bins: 8 });
        for (const [y, score] of parts.flat()) single.add(y, score);
        const merged = parts
          .map((part) => new BinnedRocAuc({ bins: 8 }).addMany(labels(part), scores(part)))
          .reduceRight((a, b) => a.merge(b));
        for (const found of [single, merged]) {
          expect(found.toJSON()).toEqual(whole.toJSON());
          expect(found.value()).toEqual(whole.value());
        }
      }),
    );
  });

  it("is exact when the scores are no finer than the bins", () => {
    const found = new BinnedRocAuc({ bins: 4 }).addMany([0, 1, 0, 1], [0, 0.25, 0.5, 1]).value();
    expect(found).toEqual({ auc: 0.75, margin: 0, positives: 2, negatives: 2 });
  });

  it("is NaN until both labels were seen", () => {
    expect(new BinnedRocAuc().value()).toEqual({ auc: Number.NaN, margin: Number.NaN, positives: 0, negatives: 0 });
    expect(new BinnedRocAuc().add(1, 0.5).value().auc).toBeNaN();
  });

  it("continues from its JSON", () => {
    const before = new BinnedRocAuc({ bins: 5 }).addMany([0, 1, 1], [0.1, 0.2, 0.9]);
    const after = BinnedRocAuc.fromJSON(JSON.parse(JSON.stringify(before)));
    expect(after.add(0, 0.95).toJSON()).toEqual(before.add(0, 0.95).toJSON());
  });

  it("refuses what is no label or probability and counts nothing of that batch", () => {
    const auc = new BinnedRocAuc({ bins: 2 });
    expectValueError(() => auc.addMany([0, 1], [0.5, 1.5]), { argument: "yScore", index: 1, value: 1.5 });
    expectValueError(() => auc.addMany([0, 1], [0.5, Number.NaN]), { argument: "yScore", index: 1 });
    expectValueError(() => auc.addMany([0, 2], [0.5, 0.5]), { argument: "yTrue", index: 1, value: 2 });
    expectValueError(() => auc.addMany([0, 1], [0.5]), { argument: "yScore", value: 1 });
    expectValueError(() => auc.addMany([], []), { argument: "yTrue", value: 0 });
    expect(auc.toJSON()).toEqual(new BinnedRocAuc({ bins: 2 }).toJSON());
    expectValueError(() => auc.merge(new BinnedRocAuc({ bins: 3 })), { argument: "other", value: 3 });
    expectValueError(() => new BinnedRocAuc({ bins: 1 }), { argument: "bins", value: 1 });
  });

  it("refuses foreign state", () => {
    const state = new BinnedRocAuc({ bins: 2 }).add(1, 0.5).toJSON();
    const bad = [null, { ...state, version: 2 }, { ...state, positives: [1] }, { ...state, negatives: [0, -1] }];
    for (const foreign of [...bad, { ...state, positives: "12" }, { ...state, positives: [0.5, 1] }])
      expect(() => BinnedRocAuc.fromJSON(foreign)).toThrow(StateError);
  });
});
