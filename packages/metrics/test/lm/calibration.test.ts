import { createRng } from "@x/core";
import { brier, calibrationCurve, ece } from "@x/metrics/lm";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/lm.json" with { type: "json" };

describe("calibrationCurve", () => {
  it("equals scikit-learn, bins of equal width and of equal mass", () => {
    for (const { confidence, correct, bins, scheme, accuracy, mean } of fixtures.calibration) {
      const found = calibrationCurve(confidence, correct, { bins, scheme: scheme as "width" | "mass" });
      expectClose(found.accuracy, accuracy, { atol: 1e-12 });
      expectClose(found.confidence, mean, { atol: 1e-12 });
      expect(found.counts.reduce((a, b) => a + b, 0)).toBe(confidence.length);
    }
  });

  it("puts a confidence on an inner edge into the lower bin, and 0 into the first", () => {
    expect(calibrationCurve([0, 0.2, 0.4, 0.6, 0.8, 1], [0, 0, 0, 1, 1, 1]).counts).toEqual(
      Int32Array.of(2, 1, 1, 1, 1),
    );
    expect(calibrationCurve([0.5], [1], { bins: 1 })).toEqual({
      confidence: Float64Array.of(0.5),
      accuracy: Float64Array.of(1),
      counts: Int32Array.of(1),
    });
  });

  it("puts equal numbers into bins of equal mass", () => {
    const confidence = Array.from({ length: 40 }, (_, i) => (i / 39) ** 3);
    const correct = confidence.map(() => 1);
    expect(calibrationCurve(confidence, correct, { bins: 4, scheme: "mass" }).counts).toEqual(
      Int32Array.of(10, 10, 10, 10),
    );
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => calibrationCurve([], []), { argument: "confidence", value: 0 });
    expectValueError(() => calibrationCurve([0.5, 1.5], [1, 1]), { argument: "confidence", index: 1, value: 1.5 });
    expectValueError(() => calibrationCurve([0.5], [1, 0]), { argument: "correct", value: 2 });
    expectValueError(() => calibrationCurve([0.5], [2]), { argument: "correct", index: 0, value: 2 });
    expectValueError(() => calibrationCurve([0.5], [1], { bins: 0 }), { argument: "bins", value: 0 });
  });
});

describe("ece", () => {
  // Two bins: {0.2, 0.4} with one of two right, gap 0.2; {0.8} right, gap 0.2; and {0.9, 0.9} beside it wrong.
  const confidence = [0.2, 0.4, 0.8, 0.9, 0.9];
  const correct = [1, 0, 1, 0, 0];
  const gaps = [Math.abs(0.5 - 0.3), Math.abs(1 / 3 - 2.6 / 3)];

  it("is worked by hand in all three norms", () => {
    expectClose(ece(confidence, correct, { bins: 2 }), 0.4 * gaps[0]! + 0.6 * gaps[1]!, { atol: 1e-15 });
    const l2 = Math.sqrt(0.4 * gaps[0]! ** 2 + 0.6 * gaps[1]! ** 2);
    expectClose(ece(confidence, correct, { bins: 2, norm: "l2" }), l2, { atol: 1e-15 });
    expectClose(ece(confidence, correct, { bins: 2, norm: "max" }), gaps[1]!, { atol: 1e-15 });
  });

  it("is small for calibrated predictions and the overconfidence for others", () => {
    const rng = createRng("calibrated");
    const probs = Array.from({ length: 20_000 }, () => rng.float());
    const outcomes = probs.map((p) => (rng.float() < p ? 1 : 0));
    // 15 bins of 1 333: the mean absolute deviation of a bin is at most 0.8·√(¼/1333) = 0.011.
    expect(ece(probs, outcomes)).toBeLessThan(0.02);
    expect(ece(probs, outcomes, { scheme: "mass" })).toBeLessThan(0.02);
    expect(ece([1, 1, 1, 1], [1, 1, 0, 0])).toBe(0.5);
  });

  it("orders its norms: l1 ≤ l2 ≤ max", () => {
    const rng = createRng("norms");
    for (let k = 0; k < 50; k++) {
      const probs = Array.from({ length: 30 }, () => rng.float());
      const outcomes = probs.map(() => rng.int(2));
      const [l1, l2, max] = (["l1", "l2", "max"] as const).map((norm) => ece(probs, outcomes, { norm }));
      expect(l1).toBeLessThanOrEqual(l2! + 1e-12);
      expect(l2).toBeLessThanOrEqual(max! + 1e-12);
    }
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => ece([0.5, Number.NaN], [1, 1]), { argument: "confidence", index: 1 });
    expectValueError(() => ece([0.5], [1], { bins: 1.5 }), { argument: "bins", value: 1.5 });
  });
});

describe("brier", () => {
  it("equals scikit-learn for one column, two columns and more classes", () => {
    for (const { probs, labels, brier: expected } of fixtures.brier)
      expectClose(brier(probs, labels), expected, { rtol: 1e-12 });
  });

  it("is 0 for certainty that is right, and its largest for certainty that is wrong", () => {
    expect(brier([0, 1], [0, 1])).toBe(0);
    expect(brier([0, 1], [1, 0])).toBe(1);
    expect(brier([1, 0, 0], [0])).toBe(0);
    expect(brier([1, 0, 0], [1])).toBe(2);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => brier([], []), { argument: "labels", value: 0 });
    expectValueError(() => brier([0.5, 0.5, 0.5], [0, 1]), { argument: "probs", value: 3 });
    expectValueError(() => brier([0.5, 1.5], [0, 1]), { argument: "probs", index: 1, value: 1.5 });
    expectValueError(() => brier([0.5], [2]), { argument: "labels", index: 0, value: 2 });
    expectValueError(() => brier([0.5, 0.5, 0.5, 0.6], [0, 1]), { argument: "probs", index: 2 });
  });
});
