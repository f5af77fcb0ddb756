import { StateError } from "@x/core";
import { mean, variance } from "@x/metrics/stats";
import { Moments } from "@x/metrics/stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/stream.json" with { type: "json" };

const parts = fc.array(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 10 }), {
  minLength: 1,
  maxLength: 6,
});

describe("Moments", () => {
  for (const { name, values, ...expected } of fixtures.moments)
    it(`equals SciPy in one batch, one by one and in halves (${name})`, () => {
      const oneByOne = new Moments();
      for (const x of values) oneByOne.add(x);
      const half = values.length >> 1;
      const halves = new Moments().addMany(values.slice(0, half)).merge(new Moments().addMany(values.slice(half)));
      for (const found of [new Moments().addMany(values), oneByOne, halves]) {
        const { count, skewness, kurtosis, ...rest } = found.value();
        expect(count).toBe(values.length);
        for (const key of ["mean", "variance", "min", "max"] as const)
          expectClose(rest[key], expected[key], { rtol: 1e-9 });
        expectClose([skewness, kurtosis], [expected.skewness, expected.kurtosis], { atol: 1e-8 });
      }
    });

  it("equals SciPy within 1e-12 where the values are near zero", () => {
    for (const { name, values, ...expected } of fixtures.moments) {
      if (name === "far from zero") continue; // there the rounding of the mean alone moves the skewness by 1e-10
      const { variance, skewness, kurtosis } = new Moments().addMany(values).value();
      expectClose([variance, skewness, kurtosis], [expected.variance, expected.skewness, expected.kurtosis], {
        rtol: 1e-12,
        atol: 1e-12,
      });
    }
  });

  it("merges any split, in any order of parts, to the moments of all values", () => {
    fc.assert(
      fc.property(parts, (lists) => {
        const all = lists.flat();
        fc.pre(new Set(all).size > 1);
        const merged = lists.map((list) => new Moments().addMany(list)).reduceRight((a, b) => a.merge(b));
        const [found, expected] = [merged.value(), new Moments().addMany(all).value()];
        expectClose(Object.values(found), Object.values(expected), { rtol: 1e-9, atol: 1e-9 });
        expectClose([found.mean, found.variance], [mean(all), variance(all)], { rtol: 1e-12, atol: 1e-12 });
      }),
    );
  });

  it("loses nothing of a small spread far from zero", () => {
    const moments = new Moments();
    for (const x of [1, 2, 3, 4]) moments.add(1e9 + x);
    expect(moments.value()).toMatchObject({ mean: 1e9 + 2.5, variance: 5 / 3, min: 1e9 + 1, max: 1e9 + 4 });
  });

  it("has no spread when all values are equal, and no figures of nothing", () => {
    const same = new Moments().addMany([0.1, 0.1, 0.1]).merge(new Moments().add(0.1)).value();
    expect(same).toEqual({ count: 4, mean: 0.1, variance: 0, skewness: NaN, kurtosis: NaN, min: 0.1, max: 0.1 });
    expect(new Moments().add(2).value()).toMatchObject({ count: 1, mean: 2, variance: NaN });
    expect(new Moments().addMany([]).value()).toMatchObject({ count: 0, mean: NaN, min: NaN, max: NaN });
    expect(new Moments().merge(new Moments().add(3)).value()).toMatchObject({ count: 1, mean: 3, min: 3 });
  });

  it("continues from its JSON, bit by bit", () => {
    for (const before of [new Moments().addMany([0.1, 0.7, -3, 1e9]), new Moments()]) {
      const after = Moments.fromJSON(JSON.parse(JSON.stringify(before)));
      expect(after.toJSON()).toEqual(before.toJSON());
      for (const moments of [before, after]) moments.add(0.3).addMany([1e-9, 2]);
      expect(after.value()).toEqual(before.value());
    }
  });

  it("refuses bad values and foreign state", () => {
    expectValueError(() => new Moments().add(Number.NaN), { argument: "value", message: /^Moments.add: / });
    expectValueError(() => new Moments().addMany([1, Infinity]), { argument: "values", index: 1, value: Infinity });
    const state = new Moments().addMany([1, 2]).toJSON();
    const changes = [
      { version: 2 },
      { count: -1 },
      { count: 1.5 },
      { mean: "1" },
      { mean: null },
      { m2: -1 },
      { m4: -1 },
      { min: 3 },
    ];
    for (const bad of [null, [], {}, ...changes.map((change) => ({ ...state, ...change }))])
      expect(() => Moments.fromJSON(bad)).toThrow(StateError);
  });
});
