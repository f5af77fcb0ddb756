import { ValueError } from "@x/core";
import { checkTokens } from "./check-tokens.js";
import { contentHash, type SpecialRole, type TextTokenizer } from "./tokenizer.js";

/** The texts of a simple tokenizer's special tokens, by role. */
export type SpecialTexts = { readonly [role in SpecialRole]?: string };

/**
 * One token for each character (Unicode code point).
 *
 * @param alphabet - the characters; their ids follow those of the special tokens. Repeated characters count once, so a
 *   whole corpus is an alphabet too.
 * @param special - default none; with `unk` every other character becomes that token, without it `encode` throws.
 * @throws ValueError for an empty alphabet, or special tokens that are equal, empty or a character of the alphabet.
 */
export function charTokenizer(alphabet: string, special: SpecialTexts = {}): TextTokenizer {
  return symbolTokenizer("charTokenizer", [...new Set(alphabet)], special, (text) => [...text], "");
}

/**
 * One token for each word; words stand between white space, and `decode` puts one space between them.
 *
 * @param vocabulary - the words; their ids follow those of the special tokens. Repeated words count once.
 * @param special - default none; with `unk` every other word becomes that token, without it `encode` throws.
 * @throws ValueError for an empty vocabulary, a word with white space in it, or special tokens that are equal, empty or
 *   a word of the vocabulary.
 */
export function wordTokenizer(vocabulary: Iterable<string>, special: SpecialTexts = {}): TextTokenizer {
  const words = [...new Set(vocabulary)];
  const bad = words.findIndex((word) => !/^\S+$/.test(word));
  if (bad >= 0)
    throw new ValueError(
      `wordTokenizer: words must not be empty or hold white space, got ${JSON.stringify(words[bad])}`,
      {
        argument: "vocabulary",
        index: bad,
        value: words[bad],
      },
    );
  return symbolTokenizer("wordTokenizer", words, special, (text) => text.match(/\S+/g) ?? [], " ");
}

function symbolTokenizer(
  kind: string,
  symbols: readonly string[],
  special: SpecialTexts,
  split: (text: string) => readonly string[],
  between: string,
): TextTokenizer {
  const roles = Object.entries(special) as [SpecialRole, string][];
  const texts = [...roles.map(([, text]) => text), ...symbols];
  const ids = new Map(texts.map((text, id) => [text, id]));
  if (symbols.length === 0)
    throw new ValueError(`${kind}: there must be at least one symbol, got none`, {
      argument: "symbols",
      value: symbols,
    });
  if (ids.size < texts.length || ids.has(""))
    throw new ValueError(
      `${kind}: special tokens must be different from each other and from every symbol, and not empty, ` +
        `got ${JSON.stringify(special)}`,
      { argument: "special", value: special },
    );
  const unk = special.unk === undefined ? undefined : ids.get(special.unk);
  return {
    encode: (text) =>
      Int32Array.from(split(text), (symbol, index) => {
        const id = ids.get(symbol) ?? unk;
        if (id === undefined)
          throw new ValueError(
            `${kind}: text must hold known symbols only, got ${JSON.stringify(symbol)} at ${index}`,
            {
              argument: "text",
              index,
              value: symbol,
            },
          );
        return id;
      }),
    decode(tokens) {
      checkTokens(kind, tokens, texts.length);
      return Array.from(tokens, (token) => texts[token]).join(between);
    },
    vocabSize: texts.length,
    special: Object.fromEntries(roles.map(([role, text]) => [role, ids.get(text)!])),
    id: contentHash([kind, special, symbols]),
  };
}
