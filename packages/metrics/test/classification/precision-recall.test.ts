import { accuracy, confusionMatrix, fBeta, precision, recall } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { expectParity, predicted, weightsOf } from "./fixture.js";

type Average = "binary" | "micro" | "macro" | "weighted";
const figures = [precision, recall, fBeta] as const;
const label = fc.nat(3);

describe.each(figures.map((figure, k) => ({ figure, k, name: figure.name })))("$name", ({ figure, k, name }) => {
  it("equals scikit-learn for every average and every choice for 0/0", () => {
    for (const { yTrue, yPred, labels, sampleWeight, beta, averages, ...expected } of predicted) {
      const confusion = confusionMatrix(yTrue, yPred, { labels, ...weightsOf(sampleWeight) });
      const zeroDivision = expected.zeroDivision ?? "skip";
      for (const [average, values] of Object.entries(averages))
        expectParity(figure(confusion, { average: average as Average, zeroDivision, beta } as object), values[k]!);
    }
  });

  it("is the accuracy when all labels' counts are added up", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(label, label), { minLength: 1, maxLength: 30 }), (pairs) => {
        const confusion = confusionMatrix(
          pairs.map(([t]) => t),
          pairs.map(([, p]) => p),
        );
        expectClose(figure(confusion, { average: "micro" }), accuracy(confusion), { atol: 1e-15 });
      }),
    );
  });

  it("names what it refuses", () => {
    const three = confusionMatrix([0, 1, 2], [0, 1, 2]);
    const message = new RegExp(`^${name}: positive must be one of the 3 labels, and given`);
    expectValueError(() => figure(three), { argument: "positive", value: 1, message });
    expectValueError(() => figure(three, { positive: 4 }), { argument: "positive", value: 4 });
    expectValueError(() => figure(confusionMatrix([0, 2], [0, 2])), { argument: "positive", value: 1 });
    expectValueError(() => figure({ labels: [0], counts: [Number.NaN] }), { argument: "counts", index: 0 });
    const absent = confusionMatrix([0], [0], { labels: [0, 1] });
    expectValueError(() => figure(absent, { zeroDivision: "throw" }), { argument: "confusion", value: Number.NaN });
  });
});

describe("precision, recall and fBeta", () => {
  // Label 1: 2 right, 1 predicted for another, 3 missed.
  const confusion = { labels: [0, 1], counts: [4, 1, 3, 2] };

  it("are worked by hand", () => {
    expect(precision(confusion)).toBe(2 / 3);
    expect(recall(confusion)).toBe(2 / 5);
    expectClose(fBeta(confusion), 0.5, { atol: 1e-15 });
    expectClose(fBeta(confusion, { beta: 2 }), (5 * (2 / 3) * 0.4) / (4 * (2 / 3) + 0.4), { atol: 1e-15 });
    expect(recall(confusion, { positive: 0 })).toBe(4 / 5);
    expectClose(recall(confusion, { average: "macro" }), 0.6, { atol: 1e-15 });
    expect(recall({ labels: [0, 1, 5], counts: [1, 0, 0, 0, 1, 1, 0, 0, 2] }, { positive: 1 })).toBe(0.5);
  });

  it("leave 0/0 undefined unless told otherwise", () => {
    const never = confusionMatrix([0, 1], [0, 0]);
    expect(precision(never)).toBeNaN();
    expect(precision(never, { average: "macro" })).toBeNaN();
    expect(precision(never, { average: "macro", zeroDivision: 0 })).toBe(0.25);
    expect(precision(never, { average: "macro", zeroDivision: "skip" })).toBe(0.5);
    expect(fBeta(never)).toBe(0);
    expect(recall(confusionMatrix([0, 0], [0, 1]), { average: "weighted" })).toBe(0.5);
    expect(recall(confusionMatrix([0, 0], [0, 0]))).toBeNaN();
  });

  it("refuse a β that is not > 0", () => {
    for (const beta of [0, -1, Infinity, Number.NaN])
      expectValueError(() => fBeta(confusion, { beta }), { argument: "beta", value: beta });
  });
});
