import { describe, it } from "vitest";
import { checkEach, checkFilled, checkInteger, checkPositive, checkShare, checkValue } from "../src/checks.js";
import { expectValueError } from "./expect-value-error.js";

describe("checks", () => {
  it("let pass what obeys the rule, borders included", () => {
    checkValue("f", "a", Number.NaN, "anything", true);
    checkEach("f", "a", [1, 2], "finite", Number.isFinite);
    checkFilled("f", "a", [0]);
    checkInteger("f", "a", 3, 3);
    checkInteger("f", "a", 4, 3, 4);
    checkPositive("f", "a", Number.MIN_VALUE);
    checkShare("f", "a", 0);
    checkShare("f", "a", 1);
  });

  it.each<[call: () => void, details: { argument: string; index?: number; value: unknown; message: string }]>([
    [
      () => checkValue("f", "a", Symbol.for("x"), "a number", false),
      { argument: "a", value: Symbol.for("x"), message: "f: a must be a number" },
    ],
    [
      () => checkEach("f", "a", [1, Infinity], "finite", Number.isFinite),
      { argument: "a", index: 1, value: Infinity, message: "f: a[1] must be finite, got Infinity" },
    ],
    [() => checkFilled("f", "a", []), { argument: "a", value: 0, message: "f: a must be a list that is not empty" }],
    [
      () => checkInteger("f", "a", 2.5, 3, Infinity, 7),
      { argument: "a", index: 7, value: 2.5, message: "an integer ≥ 3" },
    ],
    [() => checkInteger("f", "a", 5, 3, 4), { argument: "a", value: 5, message: "an integer in [3, 4], got 5" }],
    [() => checkPositive("f", "a", 0), { argument: "a", value: 0, message: "finite and > 0, got 0" }],
    [() => checkPositive("f", "a", Infinity), { argument: "a", value: Infinity, message: "finite" }],
    [() => checkShare("f", "a", 1.5), { argument: "a", value: 1.5, message: "in [0, 1], got 1.5" }],
    [() => checkShare("f", "a", Number.NaN), { argument: "a", value: Number.NaN, message: "got NaN" }],
  ])("refuse what does not (%#)", (call, details) => expectValueError(call, details));
});
