import { ValueError } from "@x/core";
import { contentId } from "./content-id.js";
import type { Segmenter } from "./types.js";

/** Options of {@link intlSegmenter}. */
export interface IntlSegmenterOptions {
  /** BCP 47 tag whose sentence rules apply. Default `"en"`. */
  readonly locale?: string;
  /** Words (without the final period, any case) after which a sentence goes on. Default: common English titles and Latin forms. */
  readonly abbreviations?: Iterable<string>;
  /**
   * Where the blank between two sentences goes: to the `trailing` end of the first, or to the `leading` end of the
   * second, which is what byte-level tokenizers expect, whose words begin with their blank. Default `"trailing"`.
   */
  readonly blanks?: "trailing" | "leading";
  /** Longest stretch, in UTF-16 units, given to `Intl.Segmenter` at once; it is quadratic in it. Default 2048, at least 64. */
  readonly maxWindow?: number;
}

const englishAbbreviations = `dr mr mrs ms prof st jr sr gen col sgt capt lt maj rev hon gov sen rep pres messrs
  vs e.g i.e cf ca approx al viz fig figs eq eqs sec vol pp ed eds dept univ mt ft`.split(/\s+/);

/**
 * Cuts text into sentences by the rules of Unicode (UAX #29) as `Intl.Segmenter` knows them, with three repairs: time
 * linear in the text, no cut after abbreviations and initials, no sentence of blanks alone.
 *
 * A newline always ends a sentence. The segments concatenate to the text exactly.
 *
 * @throws ValueError for a malformed locale or a window below 64.
 */
export function intlSegmenter(options: IntlSegmenterOptions = {}): Segmenter {
  const { locale = "en", abbreviations = englishAbbreviations, blanks = "trailing", maxWindow = 2048 } = options;
  if (!(Number.isInteger(maxWindow) && maxWindow >= 64))
    throw new ValueError(`intlSegmenter: maxWindow must be an integer ≥ 64, got ${maxWindow}`, {
      argument: "maxWindow",
      value: maxWindow,
    });
  const known = new Set([...abbreviations].map((word) => word.toLowerCase().replace(/\.$/, "")));
  const rules = sentenceRules(locale);

  const segment = (text: string) => {
    const sentences: string[] = [];
    for (const paragraph of text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
      for (const piece of pieces(paragraph, rules, maxWindow)) {
        const last = sentences.at(-1);
        if (last !== undefined && (piece.trim() === "" || last.trim() === "" || goesOn(last, known)))
          sentences[sentences.length - 1] = last + piece;
        else sentences.push(piece);
      }
    return blanks === "leading" ? leadingBlanks(sentences) : sentences;
  };
  return { id: contentId("intl", [locale, blanks, maxWindow, ...known].join("\n")), segment };
}

function sentenceRules(locale: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(locale, { granularity: "sentence" });
  } catch {
    throw new ValueError(`intlSegmenter: locale must be a BCP 47 tag, got ${JSON.stringify(locale)}`, {
      argument: "locale",
      value: locale,
    });
  }
}

/** Segments of one paragraph, looked at through windows: what ends at a window's end is looked at again in the next. */
function* pieces(paragraph: string, rules: Intl.Segmenter, maxWindow: number): Iterable<string> {
  let pending = "";
  let start = 0;
  while (start < paragraph.length) {
    const end = Math.min(start + maxWindow, paragraph.length);
    const found = Array.from(rules.segment(paragraph.slice(start, end)), (s) => s.segment);
    if (end < paragraph.length) {
      const cut = found.pop()!;
      if (found.length === 0) {
        const length = innerCut(cut);
        pending += cut.slice(0, length);
        start += length;
        continue;
      }
    }
    for (const sentence of found) {
      yield pending + sentence;
      pending = "";
      start += sentence.length;
    }
  }
  if (pending !== "") yield pending;
}

/** A place in the second half of a window without a boundary: behind a blank if there is one, never inside a character. */
function innerCut(window: string): number {
  const half = window.length >> 1;
  const blank = window.indexOf(" ", half);
  const at = blank >= 0 && blank + 1 < window.length ? blank + 1 : half;
  return /[\uDC00-\uDFFF]/.test(window[at]!) ? at - 1 : at;
}

/** Whether the last word is an abbreviation or an initial ("J."), with no newline behind it. */
function goesOn(sentence: string, abbreviations: ReadonlySet<string>): boolean {
  const body = sentence.trimEnd();
  if (/[\n\r\u0085\u2028\u2029]/.test(sentence.slice(body.length))) return false;
  const word = /(?:^|[\s([{"'“‘«])([^\s([{"'“‘«]+)\.$/u.exec(body.slice(-40))?.[1];
  return word !== undefined && (abbreviations.has(word.toLowerCase()) || (word !== "I" && /^\p{Lu}$/u.test(word)));
}

function leadingBlanks(sentences: readonly string[]): string[] {
  const moves = (s: string | undefined) => s !== undefined && s.length > 1 && s.endsWith(" ");
  return sentences.map((sentence, i) => {
    const body = i + 1 < sentences.length && moves(sentence) ? sentence.slice(0, -1) : sentence;
    return moves(sentences[i - 1]) ? ` ${body}` : body;
  });
}
