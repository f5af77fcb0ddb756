import { describe, expect, it } from "vitest";
import { checkTokens } from "../src/check-tokens.js";

describe("checkTokens", () => {
  it("accepts every token of the vocabulary, and nothing at all", () => {
    checkTokens("f", [0, 1, 2], 3);
    checkTokens("f", [], 3);
  });

  it("throws ValueError naming caller, place and value of the first other one", () => {
    expect(() => checkTokens("f", [0, 3, 4], 3)).toThrow("f: tokens must be integers in [0, 3), got 3 at position 1");
    expect(() => checkTokens("f", [-1], 3, 2)).toThrow("got -1 at row 2, position 0");
    expect(() => checkTokens("f", [0.5], 3)).toThrow(
      expect.objectContaining({ code: "E_VALUE", index: 0, value: 0.5 }),
    );
  });
});
