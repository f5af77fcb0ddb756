/**
 * Pearson's χ² of counts against probabilities, as a standard normal deviate (Wilson and Hilferty's cube root): above 4 with
 * a chance of about 3e-5 when the probabilities are true. Cells that expect fewer than 5 are left out.
 */
export function chiSquareDeviate(counts: readonly number[], probabilities: readonly number[]): number {
  const total = counts.reduce((a, b) => a + b, 0);
  let square = 0;
  let cells = 0;
  for (const [i, count] of counts.entries()) {
    const expected = total * probabilities[i]!;
    if (expected < 5) continue;
    square += (count - expected) ** 2 / expected;
    cells++;
  }
  const freedom = cells - 1;
  return (Math.cbrt(square / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom));
}
