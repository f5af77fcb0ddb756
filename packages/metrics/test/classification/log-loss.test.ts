import { logLoss } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { binary, expectParity, several, weightsOf } from "./fixture.js";

describe("logLoss", () => {
  it("equals scikit-learn for two and for several classes, certainty that is wrong included", () => {
    const proba = binary.filter((example) => example.logLoss !== null);
    expect(proba.length).toBe(181);
    for (const { yTrue, yScore, sampleWeight, ...expected } of proba)
      expectParity(logLoss(yTrue, yScore, weightsOf(sampleWeight)), expected.logLoss);
    for (const { yTrue, yProba, labels, sampleWeight, ...expected } of several)
      expectParity(logLoss(yTrue, yProba, { labels, ...weightsOf(sampleWeight) }), expected.logLoss);
  });

  it("is the same for one column as for two", () => {
    const probability = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), probability), { minLength: 1, maxLength: 30 }), (examples) => {
        const yTrue = examples.map(([positive]) => (positive ? 1 : 0));
        const one = examples.map(([, p]) => p);
        const two = one.flatMap((p) => [1 - p, p]);
        expect(logLoss(yTrue, one)).toBe(logLoss(yTrue, two));
      }),
    );
  });

  it("is ln C for uniform probabilities, and −ln ε for certainty that is wrong", () => {
    expectClose(logLoss([0, 3], new Array(8).fill(0.25)), Math.log(4), { rtol: 1e-15 });
    expectClose(logLoss([1], [0]), 52 * Math.LN2, { rtol: 1e-15 });
    expectClose(logLoss([1], [0], { epsilon: 2 ** -23 }), 23 * Math.LN2, { rtol: 1e-15 });
    expectClose(logLoss([1, 1], [0.5, 0.25], { sampleWeight: [3, 1] }), (5 / 4) * Math.LN2, { rtol: 1e-15 });
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => logLoss([], []), { argument: "yTrue", value: 0 });
    expectValueError(() => logLoss([0, 1], [0.5, 1.5]), { argument: "yProba", index: 1, value: 1.5 });
    expectValueError(() => logLoss([0, 1], [-0.5, 0.5]), { argument: "yProba", index: 0, value: -0.5 });
    expectValueError(() => logLoss([0, 1], [0.5, 0.5, 0.5]), { argument: "yProba", value: 3 });
    expectValueError(() => logLoss([0, 1], [0.5, 0.5, 0.5, 0.6]), { argument: "yProba", index: 2, value: 1.1 });
    expectValueError(() => logLoss([0, 2], [0.5, 0.5, 0.5, 0.5]), { argument: "yTrue", index: 1, value: 2 });
    expectValueError(() => logLoss([0, 1], [0, 1], { sampleWeight: [1, Number.NaN] }), {
      argument: "sampleWeight",
      index: 1,
    });
    for (const epsilon of [0, 0.5])
      expectValueError(() => logLoss([0, 1], [0, 1], { epsilon }), { argument: "epsilon", value: epsilon });
  });
});
