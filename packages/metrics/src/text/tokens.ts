import { ValueError } from "@x/core";
import { checkValue, type Vec } from "../checks.js";

/** The tokens of one text: words, or ids. */
export type Tokens = readonly string[] | Vec;

/**
 * Splits a text into words as the `rouge_score` package for Python does.
 *
 *   lower case → every run of characters outside a–z, 0–9 is a gap → words between gaps
 *
 * Writing other than Latin vanishes: pass such texts as tokens of your own.
 *
 * @param stem - applied to words of more than three letters; what it gives is dropped unless it is of a–z, 0–9. Default none.
 *   The Python package's is NLTK's extended Porter stemmer, to which plain Porter stemmers are not equal.
 */
export function rougeTokens(text: string, stem: (word: string) => string = (word) => word): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.map((word) => (word.length > 3 ? stem(word) : word)).filter((word) => /^[a-z0-9]+$/.test(word));
}

/** Gives equal tokens of several texts equal numbers, counted from 0. `argument` names the text in errors. */
export function numberTokens(caller: string): (argument: string, tokens: Tokens) => Int32Array {
  const numbers = new Map<string | number, number>();
  const numberOf = (token: string | number) => {
    const known = numbers.get(token);
    if (known !== undefined) return known;
    numbers.set(token, numbers.size);
    return numbers.size - 1;
  };
  return (argument, tokens) => {
    if (typeof tokens === "string")
      throw new ValueError(`${caller}: ${argument} must be tokens, got a text`, { argument, value: tokens });
    const ids = new Int32Array(tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i]!;
      if (typeof token === "number") checkValue(caller, argument, token, "finite", Number.isFinite(token), i);
      ids[i] = numberOf(token);
    }
    return ids;
  };
}

/** How often each n-gram of the tokens occurs, by a key of its numbers. */
export function countNgrams(ids: Int32Array, n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= ids.length; i++) {
    const ngram = ids.subarray(i, i + n).join();
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}
