import { ConfigError, createRng } from "@x/core";
import { rocAuc } from "@x/metrics/classification";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { binary, expectParity, predicted, several, weightsOf } from "./fixture.js";

const levels = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: -8, max: 8 })), {
  minLength: 2,
  maxLength: 60,
});
const split = (examples: readonly (readonly [number, number])[]) => ({
  yTrue: examples.map(([label]) => label),
  yScore: examples.map(([, score]) => score / 8),
});

describe("rocAuc", () => {
  it("equals scikit-learn for two classes: ties, weights, constant scores, one class, partial areas", () => {
    expect(binary.length + several.length + predicted.length).toBe(600);
    for (const { yTrue, yScore, sampleWeight, maxFpr, ...expected } of binary) {
      const options = weightsOf(sampleWeight);
      expectParity(rocAuc(yTrue, yScore, options), expected.rocAuc);
      expectParity(rocAuc(yTrue, yScore, { ...options, maxFpr }), expected.partialAuc);
    }
  });

  it("equals scikit-learn for three to six classes: each against the rest, and pairs", () => {
    for (const { yTrue, yProba, labels, sampleWeight, ...expected } of several) {
      const options = { labels, ...weightsOf(sampleWeight) };
      expectParity(rocAuc(yTrue, yProba, options), expected.macro);
      expectParity(rocAuc(yTrue, yProba, { ...options, average: "weighted" }), expected.weighted);
      expectParity(rocAuc(yTrue, yProba, { ...options, average: "micro" }), expected.micro);
      expectParity(rocAuc(yTrue, yProba, { ...options, average: "none" }), expected.none);
      const pairs = { labels, multiClass: "ovo", onMissingClass: "skip" } as const;
      expectParity(rocAuc(yTrue, yProba, pairs), expected.ovoMacro);
      expectParity(rocAuc(yTrue, yProba, { ...pairs, average: "weighted" }), expected.ovoWeighted);
    }
  });

  it("is the share of pairs in the right order, ties counting ½", () => {
    fc.assert(
      fc.property(levels, (examples) => {
        const { yTrue, yScore } = split(examples);
        let pairs = 0;
        let right = 0;
        for (const [i, p] of yScore.entries())
          for (const [j, n] of yScore.entries()) {
            if (yTrue[i] !== 1 || yTrue[j] !== 0) continue;
            pairs++;
            right += p > n ? 1 : p === n ? 0.5 : 0;
          }
        if (pairs === 0) expect(rocAuc(yTrue, yScore)).toBeNaN();
        else expectClose(rocAuc(yTrue, yScore), right / pairs, { atol: 1e-14 });
      }),
      { numRuns: 300 },
    );
  });

  it("does not depend on the order of examples", () => {
    fc.assert(
      fc.property(levels, fc.integer(), (examples, seed) => {
        const { yTrue, yScore } = split(examples);
        const shuffled = split(createRng(seed).shuffle([...examples]));
        expect(rocAuc(shuffled.yTrue, shuffled.yScore)).toEqual(rocAuc(yTrue, yScore));
      }),
    );
  });

  it("does not depend on an increasing function of the scores, and mirrors a decreasing one", () => {
    fc.assert(
      fc.property(levels, fc.constantFrom(1, 0.3), (examples, maxFpr) => {
        const { yTrue, yScore } = split(examples);
        const cubed = yScore.map((score) => score ** 3 * 7 + 2);
        expect(rocAuc(yTrue, cubed, { maxFpr })).toEqual(rocAuc(yTrue, yScore, { maxFpr }));
        const mirrored = yScore.map((score) => -score);
        if (new Set(yTrue).size === 2) expectClose(rocAuc(yTrue, mirrored) + rocAuc(yTrue, yScore), 1, { atol: 1e-14 });
      }),
    );
  });

  it("takes a weight for that many copies", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            levels.map((examples) => examples[0]!),
            fc.integer({ min: 0, max: 3 }),
          ),
          { minLength: 1 },
        ),
        (weighed) => {
          fc.pre(weighed.some(([, weight]) => weight > 0));
          const copies = split(weighed.flatMap(([example, weight]) => new Array(weight).fill(example)));
          const { yTrue, yScore } = split(weighed.map(([example]) => example));
          const sampleWeight = weighed.map(([, weight]) => weight);
          for (const maxFpr of [1, 0.4]) {
            const expected = rocAuc(copies.yTrue, copies.yScore, { maxFpr });
            const found = rocAuc(yTrue, yScore, { sampleWeight, maxFpr });
            if (Number.isNaN(expected)) expect(found).toBeNaN();
            else expectClose(found, expected, { atol: 1e-14 });
          }
        },
      ),
    );
  });

  it("is 1 for the right order, 0 for the reverse, ½ for no order, also partially 1 and ½", () => {
    expect(rocAuc([0, 0, 1, 1], [1, 2, 3, 4])).toBe(1);
    expect(rocAuc([1, 1, 0, 0], [1, 2, 3, 4])).toBe(0);
    expect(rocAuc([1, 0, 1, 0], [2, 2, 2, 2])).toBe(0.5);
    expect(rocAuc([1, 0], [0, -0])).toBe(0.5);
    expect(rocAuc([0, 0, 1, 1], [1, 2, 3, 4], { maxFpr: 0.2 })).toBe(1);
    expect(rocAuc([1, 0, 1, 0], [2, 2, 2, 2], { maxFpr: 0.2 })).toBeCloseTo(0.5, 14);
  });

  it("takes any two labels, and one against the rest when it is named", () => {
    expect(rocAuc([-1, -1, 1, 1], [1, 3, 2, 4])).toBe(0.75);
    expect(rocAuc([7, 7, 9, 9], [1, 3, 2, 4], { positive: 9 })).toBe(0.75);
    expect(rocAuc([0, 1, 2, 1], [3, 2, 4, 1], { positive: 2 })).toBe(1);
    expectValueError(() => rocAuc([0, 1, 2, 1], [3, 2, 4, 1]), { argument: "yTrue", index: 2, value: 2 });
  });

  it("gives NaN for one class, or what is asked for", () => {
    expect(rocAuc([1, 1], [1, 2])).toBeNaN();
    expect(rocAuc([0], [1], { onUndefined: 0.5 })).toBe(0.5);
    expect(rocAuc([0, 1], [1, 2], { sampleWeight: [1, 0], onUndefined: -1 })).toBe(-1);
    expectValueError(() => rocAuc([0, 0], [1, 2], { onUndefined: "throw" }), { argument: "yTrue", value: Number.NaN });
  });

  it("leaves a missing class out of the mean on demand", () => {
    const yTrue = [0, 0, 2, 2];
    const yScore = [
      [0.8, 0.1, 0.1],
      [0.3, 0.3, 0.4],
      [0.2, 0.3, 0.5],
      [0.4, 0.3, 0.3],
    ].flat();
    expectParity(rocAuc(yTrue, yScore, { average: "none" }), [0.75, null, 0.75]);
    expect(rocAuc(yTrue, yScore)).toBeNaN();
    expect(rocAuc(yTrue, yScore, { onMissingClass: "skip" })).toBe(0.75);
    expect(rocAuc(yTrue, yScore, { average: "none", onUndefined: 0 })).toEqual(Float64Array.of(0.75, 0, 0.75));
    const pairs = { multiClass: "ovo", average: "none" } as const;
    expectParity(rocAuc(yTrue, yScore, pairs), [null, 0.75, null, null, 0.75, null]);
  });

  it("orders the pairs 01, 02, 10, 12, 20, 21", () => {
    const yScore = [
      [0.5, 0.4, 0.1],
      [0.6, 0.4, 0],
      [0.2, 0.3, 0.5],
    ].flat();
    const pairs = rocAuc([0, 1, 2], yScore, { multiClass: "ovo", average: "none" });
    expect(pairs).toEqual(Float64Array.of(0, 1, 0.5, 1, 1, 1));
    expect(rocAuc([0, 1, 2], yScore, { multiClass: "ovo" })).toBe(0.75);
  });

  it("takes numbers of any kind of array, labels in any order", () => {
    expect(rocAuc(Uint8Array.of(0, 1, 1), Float32Array.of(0.5, 0.25, 0.75))).toBe(0.5);
    const yTrue = [3, 5, 3, 5];
    const ascending = [0.1, 0.9, 0.4, 0.6, 0.8, 0.2, 0.7, 0.3];
    const descending = ascending.map((_, i) => ascending[i ^ 1]!);
    const expected = rocAuc(yTrue, ascending, { labels: [3, 5] });
    expect(rocAuc(yTrue, descending, { labels: [5, 3] })).toBe(expected);
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => rocAuc([], []), { argument: "yTrue", value: 0, message: /^rocAuc: / });
    expectValueError(() => rocAuc([0, 0.5], [1, 2]), { argument: "yTrue", index: 1, value: 0.5 });
    expectValueError(() => rocAuc([0, Number.NaN], [1, 2]), { argument: "yTrue", index: 1, value: Number.NaN });
    expectValueError(() => rocAuc([0, 1], [1, Number.NaN]), { argument: "yScore", index: 1, value: Number.NaN });
    expectValueError(() => rocAuc([0, 1], [Infinity, 0]), { argument: "yScore", index: 0, value: Infinity });
    expectValueError(() => rocAuc([0, 1], [1, 2, 3]), { argument: "yScore", value: 3 });
    const weighted = (sampleWeight: number[]) => () => rocAuc([0, 1], [1, 2], { sampleWeight });
    expectValueError(weighted([1]), { argument: "sampleWeight", value: 1 });
    expectValueError(weighted([1, -1]), { argument: "sampleWeight", index: 1, value: -1 });
    expectValueError(weighted([0, 0]), { argument: "sampleWeight", value: 0 });
    for (const maxFpr of [0, 1.5, Number.NaN])
      expectValueError(() => rocAuc([0, 1], [1, 2], { maxFpr }), { argument: "maxFpr", value: maxFpr });
  });

  it("names the row, label or options of several classes that it refuses", () => {
    const yScore = [0.5, 0.5, 0, 0.2, 0.3, 0.5];
    expectValueError(() => rocAuc([0, 3], yScore), { argument: "yTrue", index: 1, value: 3 });
    expectValueError(() => rocAuc([0, 1], yScore, { labels: [0, 2, 4] }), { argument: "yTrue", index: 1, value: 1 });
    expectValueError(() => rocAuc([0, 1], yScore, { labels: [0, 1] }), { argument: "labels", value: 2 });
    expectValueError(() => rocAuc([0, 1], yScore, { labels: [0, 1, 1] }), { argument: "labels", index: 2, value: 1 });
    const off = (excess: number) => () => rocAuc([0, 1], [0.5, 0.5, 0, 0.2, 0.3, 0.5 + excess]);
    expect(off(9.9e-6)).not.toThrow();
    expectValueError(off(1.1e-5), { argument: "yScore", index: 3, value: 0.2 + 0.3 + (0.5 + 1.1e-5) });
    expect(() => rocAuc([0, 1], yScore, { multiClass: "ovo", sampleWeight: [1, 1] })).toThrow(ConfigError);
    expect(() => rocAuc([0, 1], yScore, { multiClass: "ovo", average: "micro" })).toThrow(ConfigError);
  });
});
