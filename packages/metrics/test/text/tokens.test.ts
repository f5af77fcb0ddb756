import { rougeTokens } from "@x/metrics/text";
import { describe, expect, it } from "vitest";
import { countNgrams, numberTokens } from "../../src/text/tokens.js";
import { expectValueError } from "../expect-value-error.js";

describe("rougeTokens", () => {
  it("keeps runs of a–z and 0–9 in lower case", () => {
    expect(rougeTokens("The U.S.'s 3.5%\n\tnaïve_word")).toEqual(["the", "u", "s", "s", "3", "5", "na", "ve", "word"]);
    expect(rougeTokens("")).toEqual([]);
    expect(rougeTokens("東京 привет !?")).toEqual([]);
  });

  it("stems words of more than three letters and drops what is no word afterwards", () => {
    expect(rougeTokens("runs cats cat an", (word) => word.slice(0, -1))).toEqual(["run", "cat", "cat", "an"]);
    expect(rougeTokens("gone odd here stay", (word) => (word === "gone" ? "" : word === "here" ? "é" : word))).toEqual([
      "odd",
      "stay",
    ]);
  });
});

describe("numberTokens", () => {
  it("gives equal tokens equal numbers in the order of their first appearance", () => {
    const numbersOf = numberTokens("test");
    expect(numbersOf("a", ["x", "y", "x"])).toEqual(Int32Array.of(0, 1, 0));
    expect(numbersOf("b", ["z", "y"])).toEqual(Int32Array.of(2, 1));
    expect(numbersOf("c", [1, 2])).toEqual(Int32Array.of(3, 4));
    expect(numbersOf("d", ["1"])).toEqual(Int32Array.of(5));
  });

  it("names the argument, index and value that it refuses", () => {
    const numbersOf = numberTokens("test");
    expectValueError(() => numbersOf("a", [1, Number.NaN]), { argument: "a", index: 1, value: Number.NaN });
    expectValueError(() => numbersOf("a", Float32Array.of(Infinity)), { argument: "a", index: 0, value: Infinity });
    expectValueError(() => numbersOf("a", "text" as never), {
      argument: "a",
      value: "text",
      message: /^test: a must be tokens/,
    });
  });
});

describe("countNgrams", () => {
  it("counts every run of n tokens once, none of a shorter text", () => {
    const ids = Int32Array.of(1, 2, 1, 2, 12);
    expect([...countNgrams(ids, 2).values()]).toEqual([2, 1, 1]);
    expect([...countNgrams(ids, 1).values()]).toEqual([2, 2, 1]);
    expect(countNgrams(ids, 6).size).toBe(0);
  });
});
