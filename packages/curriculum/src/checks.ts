import { ValueError } from "@x/core";

/** Refuses a value that does not obey the rule; `index` is its place when it stands in a list. */
export function checkValue(
  caller: string,
  argument: string,
  value: unknown,
  rule: string,
  obeys: boolean,
  index?: number,
): void {
  if (obeys) return;
  const place = index === undefined ? argument : `${argument}[${index}]`;
  throw new ValueError(`${caller}: ${place} must be ${rule}, got ${String(value)}`, {
    argument,
    ...(index === undefined ? {} : { index }),
    value,
  });
}

/** Refuses the first number of a list that does not obey the rule. */
export function checkEach(
  caller: string,
  argument: string,
  values: ArrayLike<number>,
  rule: string,
  obeys: (value: number) => boolean,
): void {
  for (let i = 0; i < values.length; i++) checkValue(caller, argument, values[i]!, rule, obeys(values[i]!), i);
}

/** Refuses an empty list. */
export function checkFilled(caller: string, argument: string, values: ArrayLike<unknown>): void {
  checkValue(caller, argument, values.length, "a list that is not empty", values.length > 0);
}

/** Refuses what is not an integer in [low, high]. */
export function checkInteger(
  caller: string,
  argument: string,
  value: number,
  low: number,
  high = Infinity,
  index?: number,
): void {
  const rule = high === Infinity ? `an integer ≥ ${low}` : `an integer in [${low}, ${high}]`;
  checkValue(caller, argument, value, rule, Number.isSafeInteger(value) && value >= low && value <= high, index);
}

/** Refuses what is not finite and > 0. */
export function checkPositive(caller: string, argument: string, value: number): void {
  checkValue(caller, argument, value, "finite and > 0", value > 0 && value < Infinity);
}

/** Refuses a number outside [0, 1]. */
export function checkShare(caller: string, argument: string, value: number): void {
  checkValue(caller, argument, value, "in [0, 1]", value >= 0 && value <= 1);
}
