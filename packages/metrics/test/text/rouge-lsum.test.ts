import { describe, expect, it } from "vitest";
import { unionHits } from "../../src/text/rouge-lsum.js";

const sentences = (...texts: string[]) => texts.map((text) => Int32Array.from(text, (letter) => letter.charCodeAt(0)));

describe("unionHits", () => {
  it("joins the subsequences of a sentence with all candidates: the example of Lin (2004), section 3.2", () => {
    expect(unionHits(sentences("12345"), sentences("12678", "13895"))).toBe(4);
  });

  it("moves left only where that keeps the longer subsequence: of ab and ba it reads out the earlier token", () => {
    // LCS(ab, ba) is a or b; the tie goes up, so it is a. With b it would be no new hit beside the second sentence.
    expect(unionHits(sentences("ab"), sentences("ba", "b"))).toBe(2);
    expect(unionHits(sentences("ab"), sentences("ba", "a"))).toBe(1);
  });

  it("counts no token more often than either text has it", () => {
    expect(unionHits(sentences("aa", "a"), sentences("a", "a"))).toBe(2);
    expect(unionHits(sentences("a"), sentences("aa", "a"))).toBe(1);
  });

  it("is 0 without sentences or tokens", () => {
    expect(unionHits([], sentences("a"))).toBe(0);
    expect(unionHits(sentences("a"), [])).toBe(0);
    expect(unionHits(sentences("", "a"), sentences("", "b"))).toBe(0);
  });
});
