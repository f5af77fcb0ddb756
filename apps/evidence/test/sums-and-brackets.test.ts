import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alphabet, balanced, heldOutSums, textOf } from "../src/sums-and-brackets.js";

const isSum = (line: string) => {
  const [, a, b, ones, tens] = /^(\d\d)\+(\d\d)=(\d)(\d)$/.exec(line) ?? [];
  return Number(a) + Number(b) === Number(`${tens}${ones}`);
};

const isBalanced = (text: string): boolean => {
  const shorter = text.replace(/\(\)|\[\]|\{\}/g, "");
  return shorter === "" || (shorter !== text && isBalanced(shorter));
};

describe("heldOutSums", () => {
  it("are 256 different additions, right and with the last digit of the sum first", () => {
    const lines = heldOutSums.map(({ question, answer }) => question + answer);
    expect(new Set(lines).size).toBe(256);
    expect(lines.filter((line) => !isSum(line))).toEqual([]);
  });
});

describe("balanced", () => {
  it("closes every bracket by its kind, in as many pairs as asked for", () => {
    fc.assert(
      fc.property(fc.nat(12), fc.integer(), (pairs, seed) => {
        const text = balanced(pairs, createRng(seed));
        expect(text).toHaveLength(2 * pairs);
        expect(isBalanced(text)).toBe(true);
      }),
    );
  });

  it("gives both shapes and all kinds of two pairs about as often as they should come", () => {
    const rng = createRng("balanced");
    const texts = Array.from({ length: 4000 }, () => balanced(2, rng));
    const share = (of: (text: string) => boolean) => texts.filter(of).length / texts.length;
    const nested = share((text) => !/^(\(\)|\[\]|\{\})/.test(text));
    expect(Math.abs(nested - 1 / 2)).toBeLessThan(0.04); // 5 standard errors
    for (const kind of ["(", "[", "{"]) expect(Math.abs(share((text) => text[0] === kind) - 1 / 3)).toBeLessThan(0.04);
  });
});

describe("textOf", () => {
  const text = textOf(4000, createRng("text"));
  const lines = text.trim().split("\n");

  it("is an empty line and lines of eight characters of the alphabet, three of four additions, all right", () => {
    expect(text).toHaveLength(1 + 4000 * 9);
    expect(new Set(text)).toEqual(new Set(alphabet));
    const [additions, others] = [lines.filter(isSum), lines.filter((line) => !isSum(line))];
    expect(Math.abs(additions.length / 4000 - 3 / 4)).toBeLessThan(0.035); // 5 standard errors
    expect(others.every((line) => line.length === 8 && isBalanced(line))).toBe(true);
  });

  it("holds no addition that is held out", () => {
    const held = new Set(heldOutSums.map(({ question }) => question));
    expect(lines.filter((line) => held.has(line.slice(0, 6)))).toEqual([]);
  });

  it("is the same for the same seed, and another for another", () => {
    const of = (seed: number) => textOf(20, createRng(seed));
    expect(of(1)).toBe(of(1));
    expect(of(1)).not.toBe(of(2));
  });
});
