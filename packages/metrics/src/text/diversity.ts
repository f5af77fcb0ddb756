import { ValueError } from "@x/core";
import { checkFilled, checkInteger } from "../checks.js";
import { mean } from "../stats/moments.js";
import { countNgrams, numberTokens, type Tokens } from "./tokens.js";

/**
 * The share of different n-grams among all n-grams of some sequences (distinct-n, Li et al. 2016).
 *
 *   |{g}| / Σ_g count(g)
 *
 * It falls with the amount of text: compare equal numbers of tokens.
 *
 * @param sequences - tokens of each text.
 * @throws ValueError for no sequence, none of n tokens or more, an id that is not finite, or n < 1.
 */
export function distinctN(sequences: readonly Tokens[], n: number): number {
  const texts = numbered("distinctN", sequences, n);
  const ngrams = new Set<string>();
  let total = 0;
  for (const ids of texts) {
    for (const ngram of countNgrams(ids, n).keys()) ngrams.add(ngram);
    total += ids.length - n + 1;
  }
  return ngrams.size / total;
}

/**
 * The share of n-grams that have occurred before in the same sequence, averaged over sequences: seq-rep-n of Welleck et al.
 * (2019), who take n = 4. 0 without repetition, towards 1 for a model stuck in a loop.
 *
 *   mean over sequences of 1 − |{g}| / Σ_g count(g)
 *
 * Sequences of fewer than n tokens, in which nothing can repeat, are left out.
 *
 * @param sequences - tokens of each text.
 * @throws ValueError as `distinctN`.
 */
export function repetitionRate(sequences: readonly Tokens[], n: number): number {
  const texts = numbered("repetitionRate", sequences, n);
  return mean(texts.map((ids) => 1 - countNgrams(ids, n).size / (ids.length - n + 1)));
}

/** The sequences that have an n-gram, their tokens numbered alike. */
function numbered(caller: string, sequences: readonly Tokens[], n: number): Int32Array[] {
  checkFilled(caller, "sequences", sequences);
  checkInteger(caller, "n", n, 1);
  const numbersOf = numberTokens(caller);
  const texts = sequences.map((tokens, i) => numbersOf(`sequences[${i}]`, tokens)).filter(({ length }) => length >= n);
  if (texts.length > 0) return texts;
  throw new ValueError(`${caller}: one of sequences must have n = ${n} tokens, got at most ${longest(sequences)}`, {
    argument: "sequences",
    value: longest(sequences),
  });
}

const longest = (sequences: readonly Tokens[]) => sequences.reduce((most, { length }) => Math.max(most, length), 0);
