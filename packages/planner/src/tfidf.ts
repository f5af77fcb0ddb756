import { ValueError } from "@x/core";

/** Rows of a sparse matrix: row i holds `values[k]` in column `columns[k]` for `starts[i] ≤ k < starts[i + 1]`. */
export interface SparseRows {
  readonly rows: number;
  readonly width: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** What tf-idf learns: the column of each n-gram and the weight of each column. */
export interface TfidfModel {
  /** Longest n-gram of words. */
  readonly ngrams: number;
  readonly columns: ReadonlyMap<string, number>;
  /** `idf = ln((1 + n) / (1 + df)) + 1` per column. */
  readonly idf: Float32Array;
}

const ideograph = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const wordPattern = new RegExp(`[${ideograph}]|(?:(?![${ideograph}])[\\p{L}\\p{M}\\p{N}_])+`, "gu");

/** Lower-case words, a Chinese or Japanese character being a word of its own, and their n-grams up to `longest`. */
export function* wordNgrams(sentence: string, longest: number): Iterable<string> {
  const words = sentence.toLowerCase().match(wordPattern) ?? [];
  for (let n = 1; n <= longest; n++)
    for (let i = 0; i + n <= words.length; i++) yield n === 1 ? words[i]! : words.slice(i, i + n).join(" ");
}

/**
 * Learns the `maxFeatures` most frequent n-grams and their inverse document frequency (smoothed, as scikit-learn's
 * `TfidfVectorizer`).
 *
 * @throws ValueError when the sentences contain no word.
 */
export function fitTfidf(sentences: Iterable<string>, ngrams: number, maxFeatures: number): TfidfModel {
  const counts = new Map<string, { total: number; documents: number; last: number }>();
  let n = 0;
  for (const sentence of sentences) {
    for (const ngram of wordNgrams(sentence, ngrams)) {
      const entry = counts.get(ngram);
      if (entry === undefined) counts.set(ngram, { total: 1, documents: 1, last: n });
      else {
        entry.total++;
        if (entry.last !== n) entry.documents++;
        entry.last = n;
      }
    }
    n++;
  }
  if (counts.size === 0)
    throw new ValueError(`fitTfidf: the sentences must contain a word, got ${n} sentences without one`, {
      argument: "sentences",
      value: n,
    });
  const kept = [...counts].sort(([a, x], [b, y]) => y.total - x.total || (a < b ? -1 : 1)).slice(0, maxFeatures);
  return {
    ngrams,
    columns: new Map(kept.map(([ngram], column) => [ngram, column])),
    idf: Float32Array.from(kept, ([, entry]) => Math.log((1 + n) / (1 + entry.documents)) + 1),
  };
}

/** Rows `tf · idf` of unit length; a sentence without a known n-gram has an empty row. */
export function tfidfRows(model: TfidfModel, sentences: readonly string[]): SparseRows {
  const starts = new Int32Array(sentences.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  sentences.forEach((sentence, row) => {
    const counts = new Map<number, number>();
    for (const ngram of wordNgrams(sentence, model.ngrams)) {
      const column = model.columns.get(ngram);
      if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + 1);
    }
    const weighted = [...counts].map(([column, count]) => [column, count * model.idf[column]!] as const);
    const length = Math.hypot(...weighted.map(([, value]) => value));
    for (const [column, value] of weighted) {
      columns.push(column);
      values.push(value / length);
    }
    starts[row + 1] = columns.length;
  });
  return {
    rows: sentences.length,
    width: model.idf.length,
    starts,
    columns: Int32Array.from(columns),
    values: Float64Array.from(values),
  };
}
