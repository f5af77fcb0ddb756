import { ValueError } from "@x/core";
import { checkFilled } from "../checks.js";
import { alignmentCost } from "./edit-distance.js";
import { unionHits } from "./rouge-lsum.js";
import { countNgrams, numberTokens, rougeTokens, type Tokens } from "./tokens.js";

/** `rouge1`, `rouge2`, … count n-grams; `rougeL` is the longest common subsequence, `rougeLsum` its union over sentences. */
export type RougeType = `rouge${number}` | "rougeL" | "rougeLsum";

/** How much two texts have in common. */
export interface RougeScore {
  /** Share of the candidate that is in the reference. */
  readonly precision: number;
  /** Share of the reference that is in the candidate. */
  readonly recall: number;
  /** 2PR/(P + R); 0 when both are 0. */
  readonly f1: number;
}

/** Options of ROUGE. */
export interface RougeOptions {
  /** Splits texts into tokens. Default `rougeTokens`, without a stemmer. */
  readonly tokenizer?: (text: string) => Tokens;
}

/**
 * ROUGE between a reference and a candidate (Lin 2004), with the rules of the `rouge_score` package for Python.
 *
 *   ROUGE-N     hits = Σ_g min(count_ref(g), count_cand(g)) over n-grams g
 *   ROUGE-L     hits = length of the longest common subsequence
 *   ROUGE-Lsum  hits = Σ_s |∪_c LCS(s, c)| over sentences s of the reference and c of the candidate, a word counted at most
 *               as often as it occurs in either text
 *
 *   recall = hits/|reference|,  precision = hits/|candidate|,  0 for an empty text;  lengths in n-grams or tokens
 *
 * @param reference - a text, whose sentences stand on lines of their own, or tokens, which are one sentence.
 * @param candidate - the same.
 * @throws ValueError for an unknown type or an id that is not finite.
 */
export function rouge(
  reference: string | Tokens,
  candidate: string | Tokens,
  type: RougeType,
  options: RougeOptions = {},
): RougeScore {
  return score("rouge", ["reference", reference], candidate, type, options);
}

/**
 * ROUGE against several references: the score of the reference with the largest f1, the first of equals.
 *
 * @throws ValueError as `rouge`, or for no reference.
 */
export function bestRouge(
  references: readonly (string | Tokens)[],
  candidate: string | Tokens,
  type: RougeType,
  options: RougeOptions = {},
): RougeScore {
  checkFilled("bestRouge", "references", references);
  return references
    .map((reference, i) => score("bestRouge", [`references[${i}]`, reference], candidate, type, options))
    .reduce((best, next) => (next.f1 > best.f1 ? next : best));
}

function score(
  caller: string,
  [argument, reference]: readonly [string, string | Tokens],
  candidate: string | Tokens,
  type: RougeType,
  { tokenizer = rougeTokens }: RougeOptions,
): RougeScore {
  const numbersOf = numberTokens(caller);
  const sentences = (name: string, text: string | Tokens) =>
    (typeof text === "string" && type === "rougeLsum" ? text.split("\n") : [text]).map((sentence) =>
      numbersOf(name, typeof sentence === "string" ? tokenizer(sentence) : sentence),
    );
  const ref = sentences(argument, reference);
  const cand = sentences("candidate", candidate);
  if (type === "rougeLsum") return ratios(unionHits(ref, cand), totalLength(ref), totalLength(cand));
  if (type === "rougeL") return ratios(commonLength(caller, ref[0]!, cand[0]!), ref[0]!.length, cand[0]!.length);
  return ngramRatios(ref[0]!, cand[0]!, orderOf(caller, type));
}

function orderOf(caller: string, type: string): number {
  const order = /^rouge([1-9]\d*)$/.exec(type);
  if (order) return Number(order[1]);
  throw new ValueError(`${caller}: type must be rougeL, rougeLsum or rouge with a number ≥ 1, got ${type}`, {
    argument: "type",
    value: type,
  });
}

function ngramRatios(reference: Int32Array, candidate: Int32Array, n: number): RougeScore {
  const counts = countNgrams(candidate, n);
  let hits = 0;
  for (const [ngram, count] of countNgrams(reference, n)) hits += Math.min(count, counts.get(ngram) ?? 0);
  return ratios(hits, reference.length - n + 1, candidate.length - n + 1);
}

/** Length of the longest common subsequence: what is left when all else is deleted from one and inserted from the other. */
function commonLength(caller: string, a: Int32Array, b: Int32Array): number {
  return (a.length + b.length - alignmentCost(caller, a, b, { substitution: 2 })) / 2;
}

function ratios(hits: number, reference: number, candidate: number): RougeScore {
  const recall = hits / Math.max(reference, 1);
  const precision = hits / Math.max(candidate, 1);
  const sum = precision + recall;
  return { precision, recall, f1: sum > 0 ? (2 * precision * recall) / sum : 0 };
}

const totalLength = (sentences: readonly Int32Array[]) => sentences.reduce((sum, { length }) => sum + length, 0);
