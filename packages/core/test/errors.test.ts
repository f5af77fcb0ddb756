import { describe, expect, it, vi } from "vitest";
import {
  AbortedError,
  BackendError,
  ConfigError,
  FormatError,
  ShapeError,
  StateError,
  ValueError,
  XError,
} from "../src/errors.js";
import { StorageError } from "../src/storage-error.js";

const cause = new Error("reason");
const errors = [
  { error: new ShapeError("f: rule"), name: "ShapeError", code: "E_SHAPE" },
  { error: new ValueError("f: rule", { argument: "a", index: 2, value: -1 }), name: "ValueError", code: "E_VALUE" },
  { error: new ConfigError("f: rule"), name: "ConfigError", code: "E_CONFIG" },
  { error: new StateError("f: rule"), name: "StateError", code: "E_STATE" },
  { error: new AbortedError("f: rule", { cause }), name: "AbortedError", code: "E_ABORTED" },
  { error: new BackendError("f: rule", { cause }), name: "BackendError", code: "E_BACKEND" },
  { error: new FormatError("f: rule", { cause }), name: "FormatError", code: "E_FORMAT" },
  { error: new StorageError("f: rule", { path: "/p", cause }), name: "StorageError", code: "E_STORAGE" },
];

describe.each(errors)("$name", ({ error, name, code }) => {
  it("is an Error with its name, code and message, and a stack that begins with them", () => {
    expect(error).toBeInstanceOf(Error);
    expect({ name: error.name, code: error.code, message: error.message }).toEqual({ name, code, message: "f: rule" });
    expect(String(error)).toBe(`${name}: f: rule`);
  });

  it("is recognised by its own class and by XError, by no other", () => {
    const classes = [
      ShapeError,
      ValueError,
      ConfigError,
      StateError,
      AbortedError,
      BackendError,
      FormatError,
      StorageError,
    ];
    expect(XError.isInstance(error)).toBe(true);
    expect(classes.filter((c) => c.isInstance(error)).map((c) => c.name)).toEqual([name]);
  });
});

describe("XError.isInstance", () => {
  it("recognises the errors of another installed copy, which instanceof does not", async () => {
    vi.resetModules();
    const other = await import("../src/errors.js");
    const foreign: unknown = new other.ShapeError("f: rule");
    expect(foreign instanceof XError).toBe(false);
    expect(XError.isInstance(foreign)).toBe(true);
    expect(ShapeError.isInstance(foreign)).toBe(true);
    expect(ValueError.isInstance(foreign)).toBe(false);
  });

  it("recognises subclasses as their parents", () => {
    class DialectError extends FormatError {}
    expect(FormatError.isInstance(new DialectError("f: rule"))).toBe(true);
    expect(DialectError.isInstance(new DialectError("f: rule"))).toBe(true);
    expect(ShapeError.isInstance(new DialectError("f: rule"))).toBe(false);
  });

  it("refuses everything else", () => {
    for (const value of [
      null,
      undefined,
      1,
      "ShapeError",
      { name: "ShapeError" },
      new Error("x"),
      new TypeError("x"),
    ]) {
      expect(XError.isInstance(value)).toBe(false);
      expect(ShapeError.isInstance(value)).toBe(false);
    }
  });
});

describe("details", () => {
  it("carries the argument, the index and the value of a ValueError", () => {
    expect(errors[1]!.error).toMatchObject({ argument: "a", index: 2, value: -1 });
    expect(new ValueError("f: rule", { argument: "a", value: 0 }).index).toBeUndefined();
  });

  it("carries causes", () => {
    for (const { error } of errors.slice(4)) expect(error.cause).toBe(cause);
    expect(errors[0]!.error.cause).toBeUndefined();
  });

  it("carries the path of a StorageError", () => {
    expect(new StorageError("f: rule", { path: "/p", cause }).path).toBe("/p");
  });
});
