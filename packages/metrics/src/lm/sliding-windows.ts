import { checkInteger } from "../checks.js";

/** One pass of a model over part of a sequence; all four are positions of tokens. */
export interface ScoringWindow {
  /** The window holds the tokens begin … end − 1. */
  readonly begin: number;
  readonly end: number;
  /** Of these, scoreBegin … scoreEnd − 1 are scored here and nowhere else. */
  readonly scoreBegin: number;
  readonly scoreEnd: number;
}

/**
 * Cuts a long sequence into windows such that every token is scored exactly once, with at most `contextLength` tokens of
 * context and, after the first window, at least `contextLength − stride + 1`.
 *
 * The predictions for the tokens of a window are read one position earlier, so the model's input is shifted by one:
 *
 *   input    tokens begin − 1 … end − 2, at most `contextLength` of them; −1 is the BOS token, without one it starts at 0
 *   scored   the last `scoreEnd − scoreBegin` predictions, against tokens scoreBegin … scoreEnd − 1
 *
 * `stride = contextLength` is the fastest, each window carrying one token of context over (the rolling windows of
 * lm-evaluation-harness); `stride = 1` gives every token all the context that fits. Add the scored tokens of all windows up
 * before dividing: windows are of unequal length.
 *
 * @param length - number of tokens n, without BOS.
 * @param options - `contextLength`: L ≥ 1, tokens of the model's input; `stride`: 1 … L, tokens scored by each window after
 *   the first; `bos`: whether the model's input starts with a BOS token. Without one token 0 is context only.
 * @returns windows in order; none when there is nothing to score.
 * @throws ValueError for a length, context length or stride that is no integer or outside its range.
 */
export function slidingWindows(
  length: number,
  options: { readonly contextLength: number; readonly stride: number; readonly bos: boolean },
): ScoringWindow[] {
  const { contextLength, stride, bos } = options;
  checkInteger("slidingWindows", "length", length, 0);
  checkInteger("slidingWindows", "contextLength", contextLength, 1);
  checkInteger("slidingWindows", "stride", stride, 1, contextLength);
  const windows: ScoringWindow[] = [];
  let scored = bos ? 0 : 1;
  for (let end = Math.min(contextLength, length); scored < length; end = Math.min(end + stride, length)) {
    if (end <= scored) continue;
    windows.push({ begin: Math.max(0, end - contextLength), end, scoreBegin: scored, scoreEnd: end });
    scored = end;
  }
  return windows;
}
