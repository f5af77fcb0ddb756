import { selfBleu } from "@x/metrics/text";
import { describe, expect, it } from "vitest";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import fixtures from "../fixtures/text.json" with { type: "json" };

describe("selfBleu", () => {
  it("equals the mean of NLTK's sentence_bleu of each text against the others", () => {
    for (const { texts, order, scores } of fixtures.bleu)
      expectClose(selfBleu(texts, { order }), scores.reduce((a, b) => a + b, 0) / scores.length, {
        rtol: 1e-12,
        atol: 1e-15,
      });
  });

  it("is 1 for copies and 0 for texts without a common word", () => {
    const text = ["a", "b", "c", "d", "e"];
    expect(selfBleu([text, text, text])).toBe(1);
    expect(
      selfBleu([
        ["a", "b"],
        ["c", "d"],
      ]),
    ).toBe(0);
  });

  it("does not depend on the order of the texts, and looks at four tokens in a row by default", () => {
    const { texts } = fixtures.bleu[2]!;
    expectClose(selfBleu(texts.toReversed()), selfBleu(texts), { rtol: 1e-13 });
    expect(selfBleu(texts)).toBe(selfBleu(texts, { order: 4 }));
  });

  it("names the argument, index and value that it refuses", () => {
    expectValueError(() => selfBleu([[1, 2]]), { argument: "texts", value: 1 });
    expectValueError(() => selfBleu([[1], [Number.NaN]]), { argument: "texts[1]", index: 0 });
    expectValueError(() => selfBleu([[1], [2]], { order: 0 }), { argument: "order", value: 0 });
  });
});
