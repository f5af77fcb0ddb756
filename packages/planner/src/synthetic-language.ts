import { createRng, type Rng, ValueError } from "@x/core";
import { contentId } from "./content-id.js";
import type { TokenizerLike } from "./types.js";

/** Options of {@link sentenceLanguage}. */
export interface SentenceLanguageOptions {
  /** M, the number of sentence types. Default 8. */
  readonly types?: number;
  /** Concentration of the Dirichlet distribution of each row of the order-2 table of types. Default 0.15. */
  readonly concentration?: number;
  /** Probability that a word comes from the type's own 8 words. Default 0.7. */
  readonly ownWords?: number;
  /** Sentences a story. Default 8. */
  readonly sentences?: number;
  readonly seed: number | string;
}

/** A story: its text, its tokens without a begin token, and the type of each sentence. */
export interface Story {
  readonly text: string;
  readonly tokens: Int32Array;
  readonly types: Int32Array;
}

/** Mean negative log-likelihoods of stories in nats a token, exact under the language. */
export interface LanguageReferences {
  /** Every sentence on its own, its type distributed as at its place in any story. */
  readonly noHistory: number;
  /** The type of the sentence before is told. */
  readonly lastType: number;
  /** The best prediction from the tokens before; on unseen stories no model is better but by chance. */
  readonly bayes: number;
  /** The type of the sentence itself is told. */
  readonly trueType: number;
  /** The sums of `bayes` over the tokens of each story. */
  readonly bayesByStory: readonly number[];
}

/** A language whose best possible prediction is known. */
export interface SentenceLanguage {
  readonly tokenizer: TokenizerLike;
  /** `[M · M · M]`: P(next type | last but one, last). */
  readonly table: Float64Array;
  /** `[M · 96]`: P(word | type). */
  readonly words: Float64Array;
  sample(count: number, seed: number | string): Story[];
  references(stories: readonly Story[]): LanguageReferences;
}

const wordCount = 96;
const ownCount = 8;
const shortest = 3;
const longest = 6;
const [begin, end, stop, firstWord] = [0, 1, 2, 3];

/**
 * Generates a language of stories with a plan that pays: a sentence's type follows from the two types before it, and
 * its words from its type.
 *
 *   typeₙ ~ table[typeₙ₋₂, typeₙ₋₁],  table rows ~ Dirichlet(0.15);  (type₋₂, type₋₁) uniform and unseen
 *   length ~ U{3 … 6} words and a stop;  word ~ 0.7·own[type] + 0.3·shared
 *
 * `own[type]` is Dirichlet(1) over 8 of the 96 words, drawn for each type; `shared` is Zipf(1) over all 96. The
 * vocabulary has 99 tokens: begin, end, the stop and the words. Sentences read `Bako lire sumo.`
 *
 * @throws ValueError for fewer than two types, sentences below 1, a concentration that is not positive or `ownWords`
 *   outside [0, 1].
 */
export function sentenceLanguage(options: SentenceLanguageOptions): SentenceLanguage {
  const { types: M = 8, concentration = 0.15, ownWords = 0.7, sentences = 8, seed } = options;
  const rule = (argument: string, value: number, holds: boolean, text: string) => {
    if (!holds)
      throw new ValueError(`sentenceLanguage: ${argument} must be ${text}, got ${value}`, { argument, value });
  };
  rule("types", M, Number.isInteger(M) && M >= 2, "an integer ≥ 2");
  rule("sentences", sentences, Number.isInteger(sentences) && sentences >= 1, "an integer ≥ 1");
  rule("concentration", concentration, concentration > 0 && Number.isFinite(concentration), "finite and > 0");
  rule("ownWords", ownWords, ownWords >= 0 && ownWords <= 1, "in [0, 1]");

  const rng = createRng(seed);
  const table = Float64Array.from(Array.from({ length: M * M }, () => [...dirichlet(rng, M, concentration)]).flat());
  const words = wordDistributions(rng, M, ownWords);
  const tokenizer = wordsOfSyllables();
  return {
    tokenizer,
    table,
    words,
    sample: (count, sampleSeed) => {
      const draws = createRng(sampleSeed);
      return Array.from({ length: count }, () => tell(draws, table, words, { M, sentences, tokenizer }));
    },
    references: (stories) => exactReferences(stories, table, words, M),
  };
}

function wordDistributions(rng: Rng, M: number, ownWords: number): Float64Array {
  const all = Array.from({ length: wordCount }, (_, i) => i);
  const shared = normalized(rng.shuffle(all).map((rank) => 1 / (1 + rank)));
  const words = new Float64Array(M * wordCount);
  for (let m = 0; m < M; m++) {
    for (let w = 0; w < wordCount; w++) words[m * wordCount + w] = (1 - ownWords) * shared[w]!;
    const own = dirichlet(rng, ownCount, 1);
    rng
      .shuffle(all)
      .slice(0, ownCount)
      .forEach((w, i) => {
        words[m * wordCount + w]! += ownWords * own[i]!;
      });
  }
  return words;
}

function tell(
  rng: Rng,
  table: Float64Array,
  words: Float64Array,
  o: { M: number; sentences: number; tokenizer: TokenizerLike },
): Story {
  const { M, sentences, tokenizer } = o;
  const types = new Int32Array(sentences);
  const tokens: number[] = [];
  let pair = rng.int(M * M);
  for (let n = 0; n < sentences; n++) {
    const type = rng.categorical(table.subarray(pair * M, (pair + 1) * M));
    const length = shortest + rng.int(longest - shortest + 1);
    const distribution = words.subarray(type * wordCount, (type + 1) * wordCount);
    for (let i = 0; i < length; i++) tokens.push(firstWord + rng.categorical(distribution));
    tokens.push(stop);
    types[n] = type;
    pair = (pair % M) * M + type;
  }
  const ids = Int32Array.from(tokens);
  return { text: tokenizer.decode(ids), tokens: ids, types };
}

/** The forward algorithm over pairs of types, next to the three references that need no history of words. */
function exactReferences(
  stories: readonly Story[],
  table: Float64Array,
  words: Float64Array,
  M: number,
): LanguageReferences {
  const total = { noHistory: 0, lastType: 0, bayes: 0, trueType: 0, tokens: 0 };
  const bayesByStory = stories.map(({ tokens, types }) => {
    let prior = new Float64Array(M * M).fill(1 / (M * M)); // of the pair, no words seen
    let belief = prior; // of the pair, the story's words seen
    let bayes = 0;
    let at = 0;
    types.forEach((type, n) => {
      const likelihood = new Float64Array(M).fill(1 / (longest - shortest + 1));
      for (; tokens[at] !== stop; at++)
        for (let m = 0; m < M; m++) likelihood[m]! *= words[m * wordCount + tokens[at]! - firstWord]!;
      at++;
      prior = advance(prior, table, M);
      belief = advance(belief, table, M);
      const given =
        n === 0 ? prior : normalized(prior.map((p, pair) => (Math.floor(pair / M) === types[n - 1] ? p : 0)));
      total.noHistory -= Math.log(expected(prior, likelihood));
      total.lastType -= Math.log(expected(given, likelihood));
      total.trueType -= Math.log(likelihood[type]!);
      bayes -= Math.log(expected(belief, likelihood));
      belief = normalized(belief.map((p, pair) => p * likelihood[pair % M]!));
    });
    total.bayes += bayes;
    total.tokens += tokens.length;
    return bayes;
  });
  const { noHistory, lastType, bayes, trueType, tokens } = total;
  return {
    noHistory: noHistory / tokens,
    lastType: lastType / tokens,
    bayes: bayes / tokens,
    trueType: trueType / tokens,
    bayesByStory,
  };
}

/** P(b, c) = Σₐ P(a, b) · table[a, b, c]. */
function advance(pairs: Float64Array, table: Float64Array, M: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(M * M);
  for (let pair = 0; pair < M * M; pair++)
    for (let c = 0; c < M; c++) next[(pair % M) * M + c]! += pairs[pair]! * table[pair * M + c]!;
  return next;
}

/** Σ P(a, b) · likelihood[b]. */
function expected(pairs: Float64Array, likelihood: Float64Array): number {
  return pairs.reduce((sum, p, pair) => sum + p * likelihood[pair % likelihood.length]!, 0);
}

function normalized(weights: ArrayLike<number>): Float64Array<ArrayBuffer> {
  const sum = Array.from(weights).reduce((a, b) => a + b, 0);
  return Float64Array.from(weights, (w) => w / sum);
}

function dirichlet(rng: Rng, size: number, concentration: number): Float64Array {
  return normalized(Array.from({ length: size }, () => gamma(rng, concentration)));
}

/** Marsaglia and Tsang's rejection method; a shape a below 1 by gamma(a + 1) · u^(1/a). */
function gamma(rng: Rng, shape: number): number {
  if (shape < 1) return gamma(rng, shape + 1) * (1 - rng.float()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = rng.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - rng.float()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** 96 words of two syllables; a sentence begins with a capital and ends with a stop. */
function wordsOfSyllables(): TokenizerLike {
  const vocabulary = Array.from({ length: wordCount }, (_, i) => {
    const syllable = (k: number) => "bdfklmnprstv"[k % 12]! + "aeiou"[k % 5]!;
    return syllable(i) + syllable(7 * i + 5 * Math.floor(i / 12) + 3);
  });
  const ids = new Map([[".", stop], ...vocabulary.map((word, i) => [word, firstWord + i] as const)]);
  return {
    id: contentId("sentence-language", vocabulary.join(" ")),
    vocabSize: firstWord + wordCount,
    special: { bos: begin, eos: end },
    encode: (text) =>
      Int32Array.from(text.toLowerCase().match(/[^\s.]+|\./g) ?? [], (word) => {
        const id = ids.get(word);
        if (id !== undefined) return id;
        throw new ValueError(`encode: text must be made of the language's words, got ${JSON.stringify(word)}`, {
          argument: "text",
          value: word,
        });
      }),
    decode(tokens) {
      let text = "";
      let starts = true;
      for (const token of tokens) {
        if (token === stop) text += ".";
        else if (token >= firstWord) {
          const word = vocabulary[token - firstWord]!;
          text += (text === "" ? "" : " ") + (starts ? word[0]!.toUpperCase() + word.slice(1) : word);
        }
        starts = token === stop || token < firstWord;
      }
      return text;
    },
  };
}
