import { ValueError } from "@x/core";

/** Numbers in a row: an array or any typed array. */
export type Vec = ArrayLike<number>;

/** Refuses a value that does not obey the rule; `index` is its place when it stands in a list. */
export function checkValue(
  caller: string,
  argument: string,
  value: number,
  rule: string,
  obeys: boolean,
  index?: number,
): void {
  if (obeys) return;
  const place = index === undefined ? argument : `${argument}[${index}]`;
  throw new ValueError(`${caller}: ${place} must be ${rule}, got ${value}`, {
    argument,
    ...(index === undefined ? {} : { index }),
    value,
  });
}

/** Refuses the first number of a list that does not obey the rule. */
export function checkEach(
  caller: string,
  argument: string,
  values: Vec,
  rule: string,
  obeys: (value: number) => boolean,
): void {
  for (let i = 0; i < values.length; i++) checkValue(caller, argument, values[i]!, rule, obeys(values[i]!), i);
}

/** Refuses an empty list. */
export function checkFilled(caller: string, argument: string, values: ArrayLike<unknown>): void {
  if (values.length === 0)
    throw new ValueError(`${caller}: ${argument} must not be empty`, { argument, value: values.length });
}

/** Refuses an empty list and the first number that is NaN or infinite. */
export function checkFinite(caller: string, argument: string, values: Vec): void {
  checkFilled(caller, argument, values);
  checkEach(caller, argument, values, "finite", Number.isFinite);
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
export function checkInteger(caller: string, argument: string, value: number, low: number, high = Infinity): void {
  const rule = high === Infinity ? `an integer ≥ ${low}` : `an integer in [${low}, ${high}]`;
  checkValue(caller, argument, value, rule, Number.isSafeInteger(value) && value >= low && value <= high);
}

/** Refuses a number outside the open interval (low, high). */
export function checkBetween(caller: string, argument: string, value: number, low: number, high: number): void {
  const rule = high === Infinity ? `finite and > ${low}` : `in (${low}, ${high})`;
  checkValue(caller, argument, value, rule, value > low && value < high);
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
