import { ValueError } from "@x/core";
import { checkFinite, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/**
 * The arithmetic mean, summed in float64 with Neumaier's compensation.
 *
 *   x̄ = Σᵢ xᵢ / n
 *
 * @throws ValueError for an empty list or a number that is not finite.
 */
export function mean(values: Vec): number {
  checkFinite("mean", "values", values);
  return compensatedSum(values) / values.length;
}

/**
 * The unbiased variance, by two compensated passes; the second corrects the rounding of the first's mean c ≈ x̄.
 *
 *   s² = Σᵢ (xᵢ − x̄)² / (n − 1) = (Σᵢ (xᵢ − c)² − (Σᵢ (xᵢ − c))²/n) / (n − 1)
 *
 * @throws ValueError for fewer than two values or a number that is not finite.
 */
export function variance(values: Vec): number {
  checkFinite("variance", "values", values);
  const n = values.length;
  if (n < 2) throw new ValueError(`variance: values must be at least 2, got ${n}`, { argument: "values", value: n });
  const centre = compensatedSum(values) / n;
  const deviations = Float64Array.from(values, (x) => x - centre);
  const squares = compensatedSum(deviations.map((d) => d * d));
  return Math.max(0, squares - compensatedSum(deviations) ** 2 / n) / (n - 1);
}
