import { ValueError } from "@x/core";
import { checkEach, checkFilled, checkFinite, checkInteger, checkLength, type Vec } from "../checks.js";

/**
 * The share of tokens predicted right.
 *
 *   Σᵢ mᵢ [predictedᵢ = targetᵢ] / Σᵢ mᵢ
 *
 * @param options - `mask`: 1 = scored, default all.
 * @throws ValueError for empty lists, lists of different lengths, a token that is not a finite number, a mask that is not
 *   0 or 1, or one that leaves nothing.
 */
export function tokenAccuracy(predicted: Vec, target: Vec, options: { readonly mask?: Vec } = {}): number {
  checkFinite("tokenAccuracy", "predicted", predicted);
  checkFinite("tokenAccuracy", "target", target);
  checkLength("tokenAccuracy", "target", target, "predicted", predicted.length);
  return shareOf("tokenAccuracy", target.length, options.mask, (i) => predicted[i] === target[i]);
}

/**
 * The share of sequences that are right in every token.
 *
 *   Σᵢ [predictedᵢ = targetᵢ] / N,  sequences being equal when they have the same tokens in the same order
 *
 * @param predicted - `[N]` sequences of any lengths, none longer or shorter than its target to be equal: cut padding off.
 * @throws ValueError for empty lists, lists of different lengths, or a token that is not a finite number.
 */
export function sequenceExactMatch(predicted: readonly Vec[], target: readonly Vec[]): number {
  checkFilled("sequenceExactMatch", "predicted", predicted);
  checkLength("sequenceExactMatch", "target", target, "predicted", predicted.length);
  let equal = 0;
  predicted.forEach((tokens, i) => {
    const wanted = target[i]!;
    checkEach("sequenceExactMatch", `predicted[${i}]`, tokens, "finite", Number.isFinite);
    checkEach("sequenceExactMatch", `target[${i}]`, wanted, "finite", Number.isFinite);
    let k = 0;
    while (k < tokens.length && tokens[k] === wanted[k]) k++;
    if (k === wanted.length && k === tokens.length) equal++;
  });
  return equal / predicted.length;
}

/**
 * The share of tokens whose target is among the k largest logits. Equal logits share the better rank.
 *
 *   Σᵢ mᵢ [#{v : logits[i, v] > logits[i, targetᵢ]} < k] / Σᵢ mᵢ
 *
 * @param logits - `[N, V]`, row-major; any increasing function of them serves as well.
 * @param targets - `[N]`, ids in 0 … V − 1.
 * @param options - `mask`: 1 = scored, default all.
 * @throws ValueError as `tokenAccuracy`, for a target that is no id, or for k outside 1 … V.
 */
export function topKAccuracy(logits: Vec, targets: Vec, k: number, options: { readonly mask?: Vec } = {}): number {
  checkFinite("topKAccuracy", "targets", targets);
  checkFinite("topKAccuracy", "logits", logits);
  const n = targets.length;
  const vocabulary = logits.length / n;
  if (!Number.isInteger(vocabulary))
    throw new ValueError(`topKAccuracy: logits must hold a multiple of the ${n} targets, got ${logits.length}`, {
      argument: "logits",
      value: logits.length,
    });
  checkInteger("topKAccuracy", "k", k, 1, vocabulary);
  checkEach(
    "topKAccuracy",
    "targets",
    targets,
    `an id in 0 … ${vocabulary - 1}`,
    (id) => Number.isInteger(id) && id >= 0 && id < vocabulary,
  );
  return shareOf("topKAccuracy", n, options.mask, (i) => {
    const own = logits[i * vocabulary + targets[i]!]!;
    let larger = 0;
    for (let v = 0; v < vocabulary; v++) if (logits[i * vocabulary + v]! > own) larger++;
    return larger < k;
  });
}

function shareOf(caller: string, n: number, mask: Vec | undefined, holds: (index: number) => boolean): number {
  if (mask) {
    checkLength(caller, "mask", mask, "the tokens", n);
    checkEach(caller, "mask", mask, "0 or 1", (m) => m === 0 || m === 1);
  }
  let scored = 0;
  let right = 0;
  for (let i = 0; i < n; i++) {
    if (mask && mask[i] === 0) continue;
    scored++;
    if (holds(i)) right++;
  }
  if (scored === 0)
    throw new ValueError(`${caller}: mask must leave at least one token, got only 0`, { argument: "mask", value: 0 });
  return right / scored;
}
