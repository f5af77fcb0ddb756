import { checkFinite, checkValue, type Vec } from "../checks.js";

/**
 * The quantile of a sample by linear interpolation between order statistics (numpy's default).
 *
 *   h = (n − 1)·p,  Q(p) = x₍⌊h⌋₎ + (h − ⌊h⌋)·(x₍⌊h⌋₊₁₎ − x₍⌊h⌋₎),  x₍₀₎ ≤ x₍₁₎ ≤ …
 *
 * @param probability - p in [0, 1]; 0.5 is the median.
 * @throws ValueError for an empty list, a number that is not finite, or p outside [0, 1].
 */
export function quantile(values: Vec, probability: number): number {
  checkFinite("quantile", "values", values);
  checkValue("quantile", "probability", probability, "in [0, 1]", probability >= 0 && probability <= 1);
  return sortedQuantile(Float64Array.from(values).sort(), probability);
}

/** The same of values in ascending order. */
export function sortedQuantile(sorted: Float64Array, probability: number): number {
  const h = (sorted.length - 1) * probability;
  const below = sorted[Math.floor(h)]!;
  return below + (h - Math.floor(h)) * (sorted[Math.ceil(h)]! - below);
}
