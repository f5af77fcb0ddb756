import { accuracy, balancedAccuracy, cohenKappa, confusionMatrix, mcc } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { expectParity, predicted, weightsOf } from "./fixture.js";

const figures = { accuracy, balancedAccuracy, mcc, cohenKappa };
const label = fc.integer({ min: 0, max: 3 });
const pairs = fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 40 });

describe.each(Object.entries(figures))("%s", (name, figure) => {
  it("equals scikit-learn", () => {
    for (const { yTrue, yPred, labels, sampleWeight, ...expected } of predicted) {
      const confusion = confusionMatrix(yTrue, yPred, { labels, ...weightsOf(sampleWeight) });
      expectParity(figure(confusion), expected[name as keyof typeof figures]);
    }
  });

  it("is 1 for predictions that are all right", () => {
    expect(figure(confusionMatrix([0, 1, 2, 2], [0, 1, 2, 2]))).toBe(1);
  });

  it("does not depend on the order of labels, nor on labels that do not occur", () => {
    fc.assert(
      fc.property(pairs, (examples) => {
        const yTrue = examples.map(([t]) => t);
        const yPred = examples.map(([, p]) => p);
        const expected = figure(confusionMatrix(yTrue, yPred));
        const found = figure(confusionMatrix(yTrue, yPred, { labels: [3, 9, 1, 0, 2] }));
        if (Number.isNaN(expected)) expect(found).toBeNaN();
        else expectClose(found, expected, { atol: 1e-14 });
      }),
    );
  });

  it("names what it refuses of a matrix", () => {
    const message = new RegExp(`^${name}: `);
    expectValueError(() => figure({ labels: [0, 1], counts: [1, 2, 3] }), { argument: "counts", value: 3, message });
    expectValueError(() => figure({ labels: [0, 1], counts: [1, 2, -1, 3] }), {
      argument: "counts",
      index: 2,
      value: -1,
    });
    expectValueError(() => figure({ labels: [0, 1], counts: [0, 0, 0, 0] }), { argument: "counts", value: 0 });
    expectValueError(() => figure({ labels: [1, 1], counts: [1, 2, 3, 4] }), {
      argument: "labels",
      index: 1,
      value: 1,
    });
  });
});

describe("mcc", () => {
  it("is the correlation of two labels as 0 and 1", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1), fc.nat(1)), { minLength: 1, maxLength: 40 }), (examples) => {
        const mean = (f: (t: number, p: number) => number) =>
          examples.reduce((sum, [t, p]) => sum + f(t, p), 0) / examples.length;
        const [mt, mp] = [mean((t) => t), mean((_, p) => p)];
        const deviation = Math.sqrt(mt * (1 - mt) * mp * (1 - mp));
        fc.pre(deviation > 0);
        const expected = (mean((t, p) => t * p) - mt * mp) / deviation;
        const confusion = confusionMatrix(
          examples.map(([t]) => t),
          examples.map(([, p]) => p),
        );
        expectClose(mcc(confusion), expected, { atol: 1e-12 });
      }),
    );
  });

  it("is 0 when a side has one label, or what is asked for", () => {
    const confusion = confusionMatrix([0, 1], [1, 1]);
    expect(mcc(confusion)).toBe(0);
    expect(mcc(confusion, { onUndefined: "nan" })).toBeNaN();
    expectValueError(() => mcc(confusion, { onUndefined: "throw" }), { argument: "confusion", message: /^mcc: / });
  });
});

describe("cohenKappa", () => {
  it("is worked by hand: agreement 0.7, of which 0.5 by chance", () => {
    expectClose(cohenKappa({ labels: [0, 1], counts: [20, 5, 10, 15] }), 0.4, { atol: 1e-15 });
  });

  it("is NaN when there is one label, whatever its weight, or what is asked for", () => {
    for (const weight of [1, 0.1, 1 / 3]) {
      const confusion = confusionMatrix([4, 4, 4], [4, 4, 4], { sampleWeight: [weight, weight, weight] });
      expect(cohenKappa(confusion)).toBeNaN();
      expect(cohenKappa(confusion, { onUndefined: 1 })).toBe(1);
      expectValueError(() => cohenKappa(confusion, { onUndefined: "throw" }), { argument: "confusion" });
    }
  });
});
