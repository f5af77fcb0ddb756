import { StateError } from "@x/core";
import { Ewma } from "@x/metrics/stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const list = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { maxLength: 12 });
const decays = fc.double({ min: 0.01, max: 0.999, noNaN: true });

describe("Ewma", () => {
  it("is the mean of the values with weights β^(t − i)", () => {
    fc.assert(
      fc.property(list, decays, (values, decay) => {
        fc.pre(values.length > 0);
        const weights = values.map((_, i) => decay ** (values.length - 1 - i));
        const weighted = values.reduce((sum, x, i) => sum + weights[i]! * x, 0);
        const expected = weighted / weights.reduce((a, b) => a + b);
        expectClose(new Ewma({ decay }).addMany(values).value(), expected, { rtol: 1e-10, atol: 1e-10 });
      }),
    );
  });

  it("is a constant from its first value on, however slow the decay", () => {
    const ewma = new Ewma({ decay: 1 - 1e-9 });
    for (let t = 0; t < 5; t++) expectClose(ewma.add(7).value(), 7, { rtol: 1e-7 });
  });

  it("merges two parts to what their values give one after the other", () => {
    fc.assert(
      fc.property(list, list, decays, (a, b, decay) => {
        fc.pre(a.length + b.length > 0);
        const merged = new Ewma({ decay }).addMany(a).merge(new Ewma({ decay }).addMany(b));
        const all = new Ewma({ decay }).addMany([...a, ...b]);
        expectClose(merged.value(), all.value(), { rtol: 1e-10, atol: 1e-10 });
        expect(merged.toJSON().count).toBe(a.length + b.length);
      }),
    );
  });

  it("is NaN before the first value", () => {
    expect(new Ewma({ decay: 0.9 }).value()).toBeNaN();
  });

  it("continues from its JSON, bit by bit", () => {
    const before = new Ewma({ decay: 0.9 }).addMany([1, 2, 0.3]);
    const after = Ewma.fromJSON(JSON.parse(JSON.stringify(before)));
    for (const ewma of [before, after]) ewma.add(0.7);
    expect(after.toJSON()).toEqual(before.toJSON());
    expect(after.value()).toBe(before.value());
  });

  it("refuses bad values, another decay and foreign state", () => {
    const ewma = new Ewma({ decay: 0.5 }).add(1);
    for (const decay of [0, 1, Number.NaN])
      expectValueError(() => new Ewma({ decay }), { argument: "decay", value: decay });
    expectValueError(() => ewma.add(Number.NaN), { argument: "value" });
    expectValueError(() => ewma.addMany([5, Infinity]), { argument: "values", index: 1, value: Infinity });
    expectValueError(() => ewma.merge(new Ewma({ decay: 0.6 })), { argument: "other.decay", value: 0.6 });
    expect(ewma.value()).toBe(1);
    const state = ewma.toJSON();
    const changes = [{ version: 0 }, { decay: 1 }, { decay: "0.5" }, { sum: null }, { count: -1 }, { count: 0.5 }];
    for (const bad of [undefined, {}, ...changes.map((change) => ({ ...state, ...change }))])
      expect(() => Ewma.fromJSON(bad)).toThrow(StateError);
  });
});
