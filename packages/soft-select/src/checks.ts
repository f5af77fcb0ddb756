import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import type { SparseOptions } from "./types.js";

/** What a number must be: in words, and as a test that NaN fails. */
type Rule = readonly [words: string, holds: (value: number) => boolean];

export const positive: Rule = ["finite and > 0", (value) => value > 0 && value < Number.POSITIVE_INFINITY];
export const nonNegative: Rule = ["finite and ≥ 0", (value) => value >= 0 && value < Number.POSITIVE_INFINITY];
export const finite: Rule = ["finite", Number.isFinite];
export const share: Rule = ["in [0, 1]", (value) => value >= 0 && value <= 1];
export const wholeIn = (low: number, high: number): Rule => [
  `an integer in [${low}, ${high}]`,
  (value) => Number.isInteger(value) && value >= low && value <= high,
];

/** Checks a number; of a scalar tensor the rank alone, as its value is not read. */
export function checkNumber(caller: string, argument: string, value: number | Scalar, [words, holds]: Rule): void {
  if (typeof value === "object") {
    if (value.rank !== 0)
      throw new ShapeError(`${caller}: ${argument} must be a number or a scalar, got ${describe(value)}`);
  } else if (!holds(value))
    throw new ValueError(`${caller}: ${argument} must be ${words}, got ${value}`, { argument, value });
}

export function checkName(caller: string, argument: string, value: string, names: readonly string[]): void {
  if (!names.includes(value))
    throw new ValueError(`${caller}: ${argument} must be one of ${names.join(", ")}, got ${value}`, {
      argument,
      value,
    });
}

export function checkRows(caller: string, argument: string, rows: Tensor): void {
  if (rows.rank < 1 || rows.shape.at(-1)! < 1 || rows.dtype !== "float32")
    throw new ShapeError(`${caller}: ${argument} must be float32 […, K] with K ≥ 1, got ${describe(rows)}`);
}

/** Checks that `tensor` broadcasts to `shape` without making it larger. */
export function checkFits(caller: string, argument: string, tensor: Tensor, shape: readonly number[]): void {
  const offset = shape.length - tensor.rank;
  if (offset < 0 || tensor.shape.some((size, i) => size !== 1 && size !== shape[i + offset]))
    throw new ShapeError(`${caller}: ${argument} must be broadcastable to [${shape}], got [${tensor.shape}]`);
}

/** Checks what every map from logits to weights takes. */
export function checkMap(caller: string, logits: Tensor, { temperature = 1, mask, k = 1 }: SparseOptions): void {
  checkRows(caller, "logits", logits);
  checkNumber(caller, "temperature", temperature, positive);
  checkNumber(caller, "k", k, wholeIn(1, logits.shape.at(-1)!));
  if (mask !== undefined) checkFits(caller, "mask", mask, logits.shape);
}

export const describe = (tensor: Tensor): string => `${tensor.dtype} [${tensor.shape}]`;
