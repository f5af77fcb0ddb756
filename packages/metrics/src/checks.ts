import { ValueError } from "@x/core";

/** Numbers in a row: an array or any typed array. */
export type Vec = ArrayLike<number>;

/** Refuses an empty list and, with its index, the first number that is NaN or infinite. */
export function checkFinite(caller: string, argument: string, values: Vec): void {
  if (values.length === 0)
    throw new ValueError(`${caller}: ${argument} must not be empty`, { argument, value: values.length });
  checkEach(caller, argument, values, "finite", Number.isFinite);
}

/** Refuses, with its index, the first number that does not obey the rule. */
export function checkEach(
  caller: string,
  argument: string,
  values: Vec,
  rule: string,
  obeys: (value: number) => boolean,
): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (!obeys(value))
      throw new ValueError(`${caller}: ${argument}[${index}] must be ${rule}, got ${value}`, {
        argument,
        index,
        value,
      });
  }
}

/** Refuses a list that is not as long as `length`, the length of the argument named `other`. */
export function checkLength(
  caller: string,
  argument: string,
  values: ArrayLike<unknown>,
  other: string,
  length: number,
): void {
  if (values.length !== length)
    throw new ValueError(`${caller}: ${argument} must be as long as ${other} (${length}), got ${values.length}`, {
      argument,
      value: values.length,
    });
}

/** Refuses what is not an integer in [low, high]. */
export function checkInteger(
  caller: string,
  argument: string,
  value: number,
  low: number,
  high = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw new ValueError(
      `${caller}: ${argument} must be an integer ${high === Number.MAX_SAFE_INTEGER ? `≥ ${low}` : `in [${low}, ${high}]`}, got ${value}`,
      { argument, value },
    );
}

/** Refuses a number outside the open interval (low, high). */
export function checkBetween(caller: string, argument: string, value: number, low: number, high: number): void {
  if (!(value > low && value < high))
    throw new ValueError(`${caller}: ${argument} must be in (${low}, ${high}), got ${value}`, { argument, value });
}

/** Checks a row-major matrix whose rows have `dim` numbers. Returns the number of rows. */
export function checkRows(caller: string, argument: string, rows: Vec, dim: number): number {
  checkInteger(caller, "dim", dim, 1);
  checkFinite(caller, argument, rows);
  if (rows.length % dim !== 0)
    throw new ValueError(`${caller}: ${argument} must hold a multiple of dim = ${dim} numbers, got ${rows.length}`, {
      argument,
      value: rows.length,
    });
  return rows.length / dim;
}
