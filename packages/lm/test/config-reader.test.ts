import { ConfigError, FormatError } from "@x/core";
import { describe, expect, it } from "vitest";
import { configReader } from "../src/config-reader.js";

describe("configReader", () => {
  it("reads values of the asked type, null as absent", () => {
    const read = configReader("f", { a: 1, b: true, c: "x", d: null, e: { g: 2 } });
    expect([read.number("a"), read.boolean("b", false), read.string("c", ""), read.number("d", 7)]).toEqual([
      1,
      true,
      "x",
      7,
    ]);
    expect(read.section("e")?.number("g")).toBe(2);
    expect(read.section("none")).toBeUndefined();
    expect(() => read.finish()).not.toThrow();
  });

  it("names what is left in the end, unless it says nothing", () => {
    const read = configReader("f", { a: 1, b: 2, c: null, d: 3 });
    read.ignore("a");
    expect(() => read.finish()).toThrow("got the unknown b, d");
  });

  it("lets a key that must have one value be absent", () => {
    const read = configReader("f", { a: [1, 2], b: 4 }, "at.");
    read.must("a", [1, 2]);
    read.must("none", 3);
    expect(() => read.must("b", 3)).toThrow("f: at.b must be 3, anything else is not implemented, got 4");
  });

  it("maps choices and refuses others", () => {
    const read = configReader("f", { a: "x", b: "toString" });
    expect(read.choice("a", "y", { x: 1, y: 2 })).toBe(1);
    expect(read.choice("none", "y", { x: 1, y: 2 })).toBe(2);
    expect(() => read.choice("b", "y", { x: 1, y: 2 })).toThrow(ConfigError);
  });

  it("refuses other types and what is no object", () => {
    expect(() => configReader("f", null)).toThrow(FormatError);
    expect(() => configReader("f", { a: "1" }).number("a")).toThrow('f: a must be a number, got "1"');
  });
});
