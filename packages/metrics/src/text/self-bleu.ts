import { ValueError } from "@x/core";
import { checkInteger } from "../checks.js";
import { mean } from "../stats/moments.js";
import { countNgrams, numberTokens, type Tokens } from "./tokens.js";

/** The largest count of an n-gram in one text, the text that has it, and the largest count in the others. */
interface Largest {
  count: number;
  holder: number;
  second: number;
}

/**
 * How alike some texts are: the mean BLEU of each one against all others (Zhu et al. 2018). Towards 1 the texts are copies.
 *
 *   BLEU = min(1, exp(1 − r/c)) · (Π_{n=1}^{N} pₙ)^{1/N},  pₙ = Σ_g min(count(g), max over others of count(g)) / Σ_g count(g)
 *
 * c is the length of the text, r that of the others' closest to it, the shorter of two. Where no n-gram is shared its pₙ is
 * 0.1/Σ_g count(g) (method 1 of Chen & Cherry 2014, the usual one for this measure); where not even a word is, BLEU is 0.
 *
 * @param texts - tokens of two or more texts.
 * @param options - `order`: N, default 4.
 * @throws ValueError for fewer than two texts, an id that is not finite, or an order < 1.
 */
export function selfBleu(texts: readonly Tokens[], options: { readonly order?: number } = {}): number {
  const { order = 4 } = options;
  checkInteger("selfBleu", "order", order, 1);
  if (texts.length < 2)
    throw new ValueError(`selfBleu: needs at least 2 texts, got ${texts.length}`, {
      argument: "texts",
      value: texts.length,
    });
  const numbersOf = numberTokens("selfBleu");
  const all = texts.map((tokens, i) => numbersOf(`texts[${i}]`, tokens));
  const bleu = all.map((ids) => brevityPenalty(ids.length, all));
  for (let n = 1; n <= order; n++) {
    const counts = all.map((ids) => countNgrams(ids, n));
    const largest = largestCounts(counts);
    counts.forEach((own, i) => {
      let hits = 0;
      for (const [ngram, count] of own) {
        const { holder, count: most, second } = largest.get(ngram)!;
        hits += Math.min(count, holder === i ? second : most);
      }
      const smoothed = hits === 0 && n > 1 ? 0.1 : hits;
      bleu[i]! *= (smoothed / Math.max(all[i]!.length - n + 1, 1)) ** (1 / order);
    });
  }
  return mean(bleu);
}

/** For each n-gram the two largest counts, so that leaving one text out needs no second pass over the others. */
function largestCounts(counts: readonly Map<string, number>[]): Map<string, Largest> {
  const largest = new Map<string, Largest>();
  counts.forEach((own, holder) => {
    for (const [ngram, count] of own) {
      const known = largest.get(ngram);
      if (!known) largest.set(ngram, { count, holder, second: 0 });
      else if (count > known.count) largest.set(ngram, { count, holder, second: known.count });
      else known.second = Math.max(known.second, count);
    }
  });
  return largest;
}

/** min(1, exp(1 − r/c)); 0 for an empty text. */
function brevityPenalty(c: number, all: readonly Int32Array[]): number {
  if (c === 0) return 0;
  const lengths = all.map(({ length }) => length);
  lengths.splice(lengths.indexOf(c), 1); // its own
  const r = lengths.reduce((best, length) =>
    Math.abs(length - c) < Math.abs(best - c) || (Math.abs(length - c) === Math.abs(best - c) && length < best)
      ? length
      : best,
  );
  return Math.min(1, Math.exp(1 - r / c));
}
