import { describe, expect, it } from "vitest";
import { AbortedError, throwIfAborted } from "../src/index.js";

describe("throwIfAborted", () => {
  it("does nothing without a signal and before it fires", () => {
    expect(throwIfAborted()).toBeUndefined();
    expect(throwIfAborted(new AbortController().signal)).toBeUndefined();
  });

  it("throws AbortedError with the reason as its cause", () => {
    const controller = new AbortController();
    controller.abort("enough");
    expect(() => throwIfAborted(controller.signal)).toThrow(AbortedError);
    expect(() => throwIfAborted(controller.signal)).toThrow(expect.objectContaining({ cause: "enough" }));
  });
});
