import { expect } from "vitest";

/** Asserts |actual − expected| ≤ atol + rtol · |expected|, entry by entry. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 0, atol = 0 }: { rtol?: number; atol?: number },
): void {
  expect(actual.length).toBe(expected.length);
  const close = (x: number, y: number) => Object.is(x, y) || Math.abs(x - y) <= atol + rtol * Math.abs(y);
  const wrong = Array.from(actual).findIndex((x, i) => !close(x, expected[i]!));
  if (wrong !== -1) expect.fail(`[${wrong}]: ${actual[wrong]} is not close to ${expected[wrong]}`);
}
