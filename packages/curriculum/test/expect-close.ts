import { expect } from "vitest";

/** Asserts |actual − expected| ≤ atol + rtol · |expected|, entry by entry. */
export function expectClose(
  actual: number | ArrayLike<number>,
  expected: number | ArrayLike<number>,
  { rtol = 0, atol = 0 }: { rtol?: number; atol?: number },
): void {
  const found = typeof actual === "number" ? [actual] : Array.from(actual);
  const wanted = typeof expected === "number" ? [expected] : Array.from(expected);
  expect(found.length).toBe(wanted.length);
  const wrong = found.findIndex((x, i) => !(Math.abs(x - wanted[i]!) <= atol + rtol * Math.abs(wanted[i]!)));
  if (wrong !== -1) expect.fail(`[${wrong}]: ${found[wrong]} is not close to ${wanted[wrong]}`);
}
