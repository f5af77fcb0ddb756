/** Σ (observed − expected)² / expected. */
export function chiSquare(observed: readonly number[], expected: readonly number[]): number {
  return observed.reduce((sum, o, i) => sum + (o - expected[i]!) ** 2 / expected[i]!, 0);
}

/** What χ² with that many degrees of freedom exceeds once in 10 000 times (Wilson and Hilferty's approximation). */
export function chiSquareLimit(degrees: number): number {
  const v = 2 / (9 * degrees);
  return degrees * (1 - v + 3.719 * Math.sqrt(v)) ** 3;
}
