import { expect } from "vitest";

/** |actual − expected| ≤ atol + rtol · |expected| in every entry. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 1e-12, atol = 1e-12 } = {},
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const far = Math.abs(actual[i]! - expected[i]!);
    expect(far <= atol + rtol * Math.abs(expected[i]!), `[${i}]: ${actual[i]} is not ${expected[i]}`).toBe(true);
  }
}
