import type { Scalar, Tensor } from "@tensorflow/tfjs-core";
import { ShapeError, ValueError } from "@x/core";
import type { SparseOptions } from "./types.js";

type Range = readonly [low: number, high: number];

/** Checks what every map from logits to weights takes. */
export function checkMap(caller: string, logits: Tensor, { temperature = 1, mask, k }: SparseOptions): void {
  checkRows(caller, "logits", logits);
  checkNumber(caller, "temperature", temperature, [Number.MIN_VALUE, Number.MAX_VALUE]);
  if (mask !== undefined) checkFits(caller, "mask", mask, logits.shape);
  if (k !== undefined) checkInteger(caller, "k", k, [1, logits.shape.at(-1)!]);
}

export function checkRows(caller: string, argument: string, rows: Tensor): void {
  if (rows.rank < 1 || rows.shape.at(-1)! < 1 || rows.dtype !== "float32")
    throw new ShapeError(`${caller}: ${argument} must be float32 […, K] with K ≥ 1, got ${describe(rows)}`);
}

/** A number in range, or a tensor of rank 0, whose value is not read. */
export function checkNumber(caller: string, argument: string, value: number | Scalar, [low, high]: Range): void {
  if (typeof value !== "number") {
    if (value.rank !== 0)
      throw new ShapeError(`${caller}: ${argument} must be a number or a scalar, got ${describe(value)}`);
  } else if (!(value >= low && value <= high))
    throw new ValueError(`${caller}: ${argument} must be in [${low}, ${high}], got ${value}`, { argument, value });
}

export function checkInteger(caller: string, argument: string, value: number, [low, high]: Range): void {
  if (!(Number.isInteger(value) && value >= low && value <= high))
    throw new ValueError(`${caller}: ${argument} must be an integer in [${low}, ${high}], got ${value}`, {
      argument,
      value,
    });
}

export function checkOneOf(caller: string, argument: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new ValueError(`${caller}: ${argument} must be one of ${allowed.join(", ")}, got ${value}`, {
      argument,
      value,
    });
}

/** A tensor that broadcasts to `shape` without making it larger. */
export function checkFits(caller: string, argument: string, tensor: Tensor, shape: readonly number[]): void {
  const offset = shape.length - tensor.rank;
  if (offset < 0 || tensor.shape.some((size, i) => size !== 1 && size !== shape[i + offset]))
    throw new ShapeError(`${caller}: ${argument} must be broadcastable to [${shape}], got [${tensor.shape}]`);
}

export const describe = (tensor: Tensor): string => `${tensor.dtype} [${tensor.shape}]`;
