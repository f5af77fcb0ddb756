import { precisionRecallCurve, rocAuc, rocCurve } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { binary, expectParity, weightsOf } from "./fixture.js";

const curved = binary.filter((example) => example.curves !== undefined);
const examples = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 9 })), {
  minLength: 2,
  maxLength: 40,
});

describe("rocCurve", () => {
  it("equals scikit-learn, point by point", () => {
    expect(curved.length).toBe(48);
    for (const { yTrue, yScore, sampleWeight, curves } of curved) {
      const found = rocCurve(yTrue, yScore, weightsOf(sampleWeight));
      expectParity(found.falsePositiveRate, curves!.falsePositiveRate);
      expectParity(found.truePositiveRate, curves!.truePositiveRate);
      expect(found.thresholds).toEqual(Float64Array.of(Infinity, ...curves!.thresholds));
    }
  });

  it("rises from (0, 0) to (1, 1) and encloses the area of rocAuc", () => {
    fc.assert(
      fc.property(examples, (all) => {
        const yTrue = all.map(([label]) => label);
        fc.pre(new Set(yTrue).size === 2);
        const yScore = all.map(([, score]) => score);
        const { falsePositiveRate: x, truePositiveRate: y, thresholds } = rocCurve(yTrue, yScore);
        expect([x[0], y[0], x.at(-1), y.at(-1)]).toEqual([0, 0, 1, 1]);
        let area = 0;
        for (let k = 1; k < x.length; k++) {
          expect(thresholds[k]!).toBeLessThan(thresholds[k - 1]!);
          area += ((x[k]! - x[k - 1]!) * (y[k]! + y[k - 1]!)) / 2;
        }
        expectClose(area, rocAuc(yTrue, yScore), { atol: 1e-14 });
      }),
    );
  });

  it("has no rate where there is no example", () => {
    const { falsePositiveRate, truePositiveRate } = rocCurve([0, 0], [1, 2]);
    expect(falsePositiveRate).toEqual(Float64Array.of(0, 0.5, 1));
    expect(truePositiveRate.every(Number.isNaN)).toBe(true);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => rocCurve([0, 1], [1]), { argument: "yScore", value: 1, message: /^rocCurve: / });
    expectValueError(() => rocCurve([0, 1, 2], [1, 2, 3]), { argument: "yTrue", index: 2, value: 2 });
    expectValueError(() => rocCurve([0, 1.5], [1, 2]), { argument: "yTrue", index: 1, value: 1.5 });
  });
});

describe("precisionRecallCurve", () => {
  it("equals scikit-learn, point by point", () => {
    for (const { yTrue, yScore, sampleWeight, curves } of curved) {
      const found = precisionRecallCurve(yTrue, yScore, weightsOf(sampleWeight));
      expectParity(found.precision, curves!.precision);
      if (yTrue.includes(1)) expectParity(found.recall, curves!.recall);
      else expect(found.recall.every(Number.isNaN)).toBe(true);
      expect(found.thresholds).toEqual(Float64Array.of(Infinity, ...curves!.thresholds));
    }
  });

  it("is worked by hand", () => {
    expect(precisionRecallCurve([1, 0, 1, 0], [4, 3, 2, 2])).toEqual({
      precision: Float64Array.of(1, 1, 0.5, 0.5),
      recall: Float64Array.of(0, 0.5, 0.5, 1),
      thresholds: Float64Array.of(Infinity, 4, 3, 2),
    });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => precisionRecallCurve([0, 1], [Number.NaN, 1]), { argument: "yScore", index: 0 });
    expectValueError(() => precisionRecallCurve([0, 1], [0, 1], { sampleWeight: [1, Infinity] }), {
      argument: "sampleWeight",
      index: 1,
      value: Infinity,
    });
  });
});
