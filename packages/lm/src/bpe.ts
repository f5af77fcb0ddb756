import { ValueError } from "@x/core";
import { largestVocabulary, pairCounts } from "./pair-counts.js";
import { type FileTokenizer, fileTokenizer, type SpecialRole } from "./tokenizer.js";

/** What `trainBpe` is asked for. */
export interface BpeOptions {
  /** Tokens to end with, at least 256 and the special ones; fewer when the texts run out of pairs. */
  readonly vocabSize: number;
  /** The texts of special tokens; they take the first ids, in this order. A role beyond the four is only a name. */
  readonly special?: { readonly [role in SpecialRole]?: string } & Readonly<Record<string, string>>;
}

/**
 * Trains a byte-level BPE tokenizer: texts are split as for GPT-2, each piece is its UTF-8 bytes, and the most frequent
 * pair of neighbours becomes a token, again and again.
 *
 *   (a, b) = argmax count(a, b), equal counts: the lower a, then the lower b;   every a b → ab
 *
 * The merges are those of the Rust library's trainer, and `files.tokenizer` is a `tokenizer.json` that it loads.
 *
 * @throws ValueError for a vocabulary too small for the bytes, or special tokens that are equal or empty.
 * @paper 1508.07909 algorithm 1
 */
export function trainBpe(texts: Iterable<string>, options: BpeOptions): FileTokenizer {
  const { vocabSize, special = {} } = options;
  const specials = Object.values(special);
  if (new Set(specials).size < specials.length || specials.includes(""))
    throw new ValueError(`trainBpe: special tokens must be different and not empty, got ${JSON.stringify(specials)}`, {
      argument: "special",
      value: special,
    });
  const minimum = specials.length + byteAlphabet.length;
  if (!Number.isInteger(vocabSize) || vocabSize < minimum || vocabSize > largestVocabulary)
    throw new ValueError(`trainBpe: vocabSize must be in [${minimum}, ${largestVocabulary}], got ${vocabSize}`, {
      argument: "vocabSize",
      value: vocabSize,
    });

  const tokens = [...specials, ...byteAlphabet.toSorted((a, b) => a.codePointAt(0)! - b.codePointAt(0)!)];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = learnMerges(countWords(texts, ids), tokens, ids, vocabSize);
  const byteLevel = { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true };
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return fileTokenizer(
    {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: specials.map((content, id) => ({ id, content, ...flags })),
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries(ids),
        merges,
      },
    },
    {
      tokenizer_class: "PreTrainedTokenizerFast",
      clean_up_tokenization_spaces: false,
      ...Object.fromEntries(
        (["bos", "eos", "pad", "unk"] as const)
          .filter((role) => special[role] !== undefined)
          .map((role) => [`${role}_token`, special[role]]),
      ),
    },
  );
}

/** The printable character that stands for each byte: itself where it prints, else the next one from U+0100 on. */
const byteAlphabet: readonly string[] = (() => {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    return String.fromCodePoint(prints ? byte : next++);
  });
})();

// With Unicode's white space, as the format means it; JavaScript's \s differs at U+FEFF and U+0085.
const gpt2Words =
  /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

interface Word {
  ids: number[];
  readonly count: number;
}

function countWords(texts: Iterable<string>, ids: ReadonlyMap<string, number>): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts)
    for (const [word] of text.matchAll(gpt2Words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const encoder = new TextEncoder();
  return Array.from(counts, ([word, count]) => ({
    ids: Array.from(encoder.encode(word), (byte) => ids.get(byteAlphabet[byte]!)!),
    count,
  }));
}

/** Merges until there are `vocabSize` tokens; extends `tokens` and `ids`. */
function learnMerges(
  words: readonly Word[],
  tokens: string[],
  ids: Map<string, number>,
  vocabSize: number,
): [string, string][] {
  const pairs = pairCounts();
  words.forEach((word, index) => {
    pairs.add(word.ids, index, word.count);
  });
  const merges: [string, string][] = [];
  while (tokens.length < vocabSize) {
    const best = pairs.best();
    if (best === undefined) break;
    const { left, right, words: holders } = best;
    const token = tokens[left]! + tokens[right]!;
    let id = ids.get(token); // two pairs can spell the same token
    if (id === undefined) {
      id = tokens.push(token) - 1;
      ids.set(token, id);
    }
    merges.push([tokens[left]!, tokens[right]!]);
    for (const index of holders) {
      const word = words[index]!;
      pairs.add(word.ids, index, -word.count);
      word.ids = mergePair(word.ids, left, right, id);
      pairs.add(word.ids, index, word.count);
    }
  }
  return merges;
}

function mergePair(ids: readonly number[], left: number, right: number, merged: number): number[] {
  const result: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const here = ids[i] === left && ids[i + 1] === right;
    result.push(here ? merged : ids[i]!);
    if (here) i++;
  }
  return result;
}
