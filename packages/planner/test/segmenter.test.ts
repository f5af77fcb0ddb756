import { ValueError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intlSegmenter } from "../src/segmenter.js";

const english = intlSegmenter();

describe("intlSegmenter", () => {
  it("cuts after sentences and leaves the blank with the first", () => {
    expect(english.segment("He went there. He loved it! Did he? Yes.")).toEqual([
      "He went there. ",
      "He loved it! ",
      "Did he? ",
      "Yes.",
    ]);
  });

  it("does not cut after titles, Latin abbreviations and initials, but after words that end like one", () => {
    expect(english.segment("Dr. Who met Mr. T. He ran.")).toEqual(["Dr. Who met Mr. T. He ran."]);
    expect(english.segment("Prof. J. R. Smith left. We saw e.g. Berlin.")).toEqual([
      "Prof. J. R. Smith left. ",
      "We saw e.g. Berlin.",
    ]);
    expect(english.segment("It was Philipp. He ran. It was I. He ran.")).toEqual([
      "It was Philipp. ",
      "He ran. ",
      "It was I. ",
      "He ran.",
    ]);
  });

  it("never joins over a newline, not even after an abbreviation", () => {
    expect(english.segment("Signed, Dr.\nHe left.")).toEqual(["Signed, Dr.\n", "He left."]);
  });

  it("takes another list of abbreviations, with or without the period, in any case", () => {
    const own = intlSegmenter({ abbreviations: ["Foo."] });
    expect(own.segment("A foo. Bar. Dr. Who.")).toEqual(["A foo. Bar. ", "Dr. ", "Who."]);
  });

  it("cuts Chinese and Japanese without blanks", () => {
    expect(intlSegmenter({ locale: "zh" }).segment("他走了。她来了！好吗？")).toEqual([
      "他走了。",
      "她来了！",
      "好吗？",
    ]);
  });

  it("joins blank paragraphs to the sentence before, or to the first one", () => {
    expect(english.segment("One.\n\n \nTwo.")).toEqual(["One.\n\n \n", "Two."]);
    expect(english.segment(" \n\nOne. Two.")).toEqual([" \n\nOne. ", "Two."]);
    expect(english.segment("")).toEqual([]);
    expect(english.segment("  ")).toEqual(["  "]);
  });

  it("gives the blank to the second sentence when blanks lead", () => {
    const leading = intlSegmenter({ blanks: "leading" });
    expect(leading.segment("He went.  He came.\nShe left. Yes.")).toEqual([
      "He went. ",
      " He came.\n",
      "She left.",
      " Yes.",
    ]);
  });

  it("concatenates to the text for any Unicode, window and placing of blanks", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc
        .array(fc.constantFrom("Dr. ", "It is. ", "\n", "😀", " ", "。", "3.5", "J. ", "word ", "!"), {
          maxLength: 120,
        })
        .map((p) => p.join("")),
    );
    fc.assert(
      fc.property(
        text,
        fc.constantFrom("leading" as const, "trailing" as const),
        fc.integer({ min: 64, max: 200 }),
        (t, blanks, maxWindow) => {
          const segments = intlSegmenter({ blanks, maxWindow }).segment(t);
          expect(segments.join("")).toBe(t);
          if (t.trim() !== "") for (const segment of segments) expect(segment.trim()).not.toBe("");
        },
      ),
    );
  });

  it("cuts at the same places whatever the window", () => {
    const word = fc.constantFrom("river", "Mr.", "3.5", "(and", "boat),", "Sun", "e.g.", "“so”", "x");
    const sentence = fc
      .tuple(fc.array(word, { minLength: 1, maxLength: 40 }), fc.constantFrom(". ", "! ", "? ", ".\n"))
      .map(([words, end]) => `Then ${words.join(" ")}${end}`);
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 12 }), fc.integer({ min: 64, max: 300 }), (sentences, maxWindow) => {
        const text = sentences.join("");
        expect(intlSegmenter({ maxWindow }).segment(text)).toEqual(intlSegmenter({ maxWindow: 1 << 20 }).segment(text));
      }),
    );
  });

  it("goes through a paragraph of a million characters without a boundary in one segment", () => {
    const text = "word ".repeat(200_000);
    expect(english.segment(text)).toEqual([text]);
  });

  it("has an id that changes with its options", () => {
    expect(intlSegmenter({ locale: "en" }).id).toBe(english.id);
    const others = [{ locale: "de" }, { blanks: "leading" as const }, { abbreviations: ["x"] }, { maxWindow: 64 }];
    expect(new Set([english.id, ...others.map((o) => intlSegmenter(o).id)]).size).toBe(5);
  });

  it("throws ValueError for a malformed locale or a tiny window", () => {
    expect(() => intlSegmenter({ locale: "not a tag" })).toThrow(ValueError);
    expect(() => intlSegmenter({ maxWindow: 63 })).toThrow("intlSegmenter: maxWindow must be an integer ≥ 64, got 63");
  });
});
