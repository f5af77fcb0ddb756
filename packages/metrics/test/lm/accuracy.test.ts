import { createRng } from "@x/core";
import { sequenceExactMatch, tokenAccuracy, topKAccuracy } from "@x/metrics/lm";
import { describe, expect, it } from "vitest";
import { expectValueError } from "../expect-value-error.js";

describe("tokenAccuracy", () => {
  it("counts what is right among what the mask keeps", () => {
    expect(tokenAccuracy([1, 2, 3, 4], [1, 2, 0, 0])).toBe(0.5);
    expect(tokenAccuracy(Int32Array.of(1, 2, 3, 4), [1, 2, 0, 0], { mask: [1, 0, 1, 1] })).toBe(1 / 3);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => tokenAccuracy([], []), { argument: "predicted", value: 0 });
    expectValueError(() => tokenAccuracy([1], [1, 2]), { argument: "target", value: 2 });
    expectValueError(() => tokenAccuracy([1, Number.NaN], [1, 2]), { argument: "predicted", index: 1 });
    expectValueError(() => tokenAccuracy([1], [1], { mask: [2] }), { argument: "mask", index: 0, value: 2 });
    expectValueError(() => tokenAccuracy([1], [1], { mask: [0] }), { argument: "mask" });
    expectValueError(() => tokenAccuracy([1, 2], [1, 2], { mask: [1] }), { argument: "mask", value: 1 });
  });
});

describe("sequenceExactMatch", () => {
  it("counts a sequence when it has the same tokens in the same order, and no more", () => {
    const targets = [[1, 2, 3], [1, 2, 3], [1, 2, 3], [1, 2, 3], [], Int32Array.of(7)];
    const predicted = [Int32Array.of(1, 2, 3), [1, 2], [1, 2, 3, 0], [3, 2, 1], [], [7]];
    expect(sequenceExactMatch(predicted, targets)).toBe(3 / 6);
  });

  it("is 1 minus the share of sequences with any token wrong", () => {
    const rng = createRng("exact");
    const draw = () => Array.from({ length: 200 }, () => Array.from({ length: 3 }, () => rng.int(2)));
    const [a, b] = [draw(), draw()];
    const wrong = a.filter((tokens, i) => tokenAccuracy(tokens, b[i]!) < 1).length;
    expect(sequenceExactMatch(a, b)).toBe((200 - wrong) / 200);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => sequenceExactMatch([], []), { argument: "predicted", value: 0 });
    expectValueError(() => sequenceExactMatch([[1]], [[1], [2]]), { argument: "target", value: 2 });
    expectValueError(() => sequenceExactMatch([[1], [2, Number.NaN]], [[1], [2, 3]]), {
      argument: "predicted[1]",
      index: 1,
      value: Number.NaN,
    });
  });
});

describe("topKAccuracy", () => {
  it("looks for the target among the k largest, by sorting", () => {
    const rng = createRng("top");
    const [n, vocabulary] = [50, 7];
    const logits = Float32Array.from({ length: n * vocabulary }, () => rng.normal());
    const targets = Int32Array.from({ length: n }, () => rng.int(vocabulary));
    for (let k = 1; k <= vocabulary; k++) {
      let right = 0;
      targets.forEach((target, i) => {
        const row = Array.from(logits.subarray(i * vocabulary, (i + 1) * vocabulary));
        const best = row.map((logit, v) => ({ logit, v })).sort((a, b) => b.logit - a.logit);
        if (best.slice(0, k).some(({ v }) => v === target)) right++;
      });
      expect(topKAccuracy(logits, targets, k)).toBe(right / n);
    }
  });

  it("gives equal logits the better rank", () => {
    expect(topKAccuracy([1, 1, 1], [2], 1)).toBe(1);
    expect(topKAccuracy([5, 1, 1], [2], 1)).toBe(0);
    expect(topKAccuracy([5, 1, 1], [2], 2)).toBe(1);
  });

  it("leaves masked tokens out", () => {
    expect(topKAccuracy([1, 0, 0, 1, 1, 0], [0, 0, 0], 1, { mask: [1, 1, 0] })).toBe(0.5);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => topKAccuracy([1, 2, 3], [0, 1], 1), { argument: "logits", value: 3 });
    expectValueError(() => topKAccuracy([1, Number.NaN], [0], 1), { argument: "logits", index: 1 });
    expectValueError(() => topKAccuracy([1, 2], [2], 1), { argument: "targets", index: 0, value: 2 });
    expectValueError(() => topKAccuracy([1, 2], [0], 3), { argument: "k", value: 3 });
  });
});
