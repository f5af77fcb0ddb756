import { checkBetween } from "../checks.js";
import { checkNll, type NllSum } from "./perplexity.js";

/** What `\s` means in Python, by which published word perplexities are normalised; JavaScript's `\s` is another set. */
const whitespace = new Set(
  "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);

/**
 * Number of pieces between runs of whitespace, empty pieces at the edges included, as lm-evaluation-harness counts words:
 * `" a b"` has three, `""` has one.
 */
export function countWords(text: string): number {
  let runs = 0;
  let inside = false;
  for (const character of text) {
    const space = whitespace.has(character);
    if (space && !inside) runs++;
    inside = space;
  }
  return runs + 1;
}

/** Length of a text in UTF-8 bytes. */
export function countBytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * Bits per byte of text, which no tokenizer can flatter.
 *
 *   sum / (bytes · ln 2)
 *
 * @param nll - its `count` does not matter.
 * @param bytes - of the whole text scored, by `countBytes`.
 * @throws ValueError for a sum that is not finite or bytes that are not > 0.
 */
export function bitsPerByte(nll: NllSum, bytes: number): number {
  return perUnit("bitsPerByte", nll, "bytes", bytes) / Math.LN2;
}

/**
 * Perplexity per byte of text.
 *
 *   exp(sum / bytes) = 2^bitsPerByte
 *
 * @throws ValueError as `bitsPerByte`.
 */
export function bytePerplexity(nll: NllSum, bytes: number): number {
  return Math.exp(perUnit("bytePerplexity", nll, "bytes", bytes));
}

/**
 * Perplexity per word of text.
 *
 *   exp(sum / words)
 *
 * @param words - of the whole text scored, by `countWords`.
 * @throws ValueError for a sum that is not finite or words that are not > 0.
 */
export function wordPerplexity(nll: NllSum, words: number): number {
  return Math.exp(perUnit("wordPerplexity", nll, "words", words));
}

function perUnit(caller: string, nll: NllSum, argument: string, units: number): number {
  checkNll(caller, nll, 0);
  checkBetween(caller, argument, units, 0, Infinity);
  return nll.sum / units;
}
