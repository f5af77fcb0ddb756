import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseState, StateError } from "../src/index.js";

describe("parseState", () => {
  it("gives back what was saved under the same version", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (fields, version) => {
        const state = JSON.parse(JSON.stringify({ ...fields, version }));
        expect(parseState(state, version)).toBe(state);
      }),
    );
  });

  it("throws StateError with both versions for another one", () => {
    expect(() => parseState({ version: 2 }, 1)).toThrow(new StateError("parseState: state must have version 1, got 2"));
    expect(() => parseState({}, 1)).toThrow(new StateError("parseState: state must have version 1, got none"));
    expect(() => parseState({ version: "1" }, 1)).toThrow(StateError);
  });

  it("throws StateError for what is no object", () => {
    for (const value of [undefined, null, 1, "text", [{ version: 1 }], () => 1])
      expect(() => parseState(value, 1)).toThrow(StateError);
  });
});
