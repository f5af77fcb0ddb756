import { checkEach, checkFinite, type Vec } from "../checks.js";

/**
 * Holm's adjusted p-values. Rejecting those ≤ α keeps the chance of **any** false rejection ≤ α.
 *
 *   p̃₍ᵢ₎ = max_{j ≤ i} min(1, (n − j + 1)·p₍ⱼ₎),  p₍₁₎ ≤ p₍₂₎ ≤ …
 *
 * @param pValues - one for each test of the family.
 * @returns adjusted values in the order given.
 * @throws ValueError for an empty list or a value outside [0, 1].
 */
export function holm(pValues: Vec): Float64Array {
  const order = ascending("holm", pValues);
  const n = order.length;
  const adjusted = new Float64Array(n);
  let largest = 0;
  order.forEach((test, rank) => {
    largest = Math.max(largest, Math.min(1, (n - rank) * pValues[test]!));
    adjusted[test] = largest;
  });
  return adjusted;
}

/**
 * Benjamini & Hochberg's adjusted p-values. Rejecting those ≤ α keeps the expected **share** of false rejections ≤ α
 * (for independent or positively dependent tests).
 *
 *   p̃₍ᵢ₎ = min_{j ≥ i} min(1, (n/j)·p₍ⱼ₎),  p₍₁₎ ≤ p₍₂₎ ≤ …
 *
 * @param pValues - one for each test of the family.
 * @returns adjusted values in the order given.
 * @throws ValueError for an empty list or a value outside [0, 1].
 */
export function benjaminiHochberg(pValues: Vec): Float64Array {
  const order = ascending("benjaminiHochberg", pValues);
  const n = order.length;
  const adjusted = new Float64Array(n);
  let least = 1;
  for (let rank = n; rank >= 1; rank--) {
    const test = order[rank - 1]!;
    least = Math.min(least, (n / rank) * pValues[test]!);
    adjusted[test] = least;
  }
  return adjusted;
}

function ascending(caller: string, pValues: Vec): number[] {
  checkFinite(caller, "pValues", pValues);
  checkEach(caller, "pValues", pValues, "in [0, 1]", (p) => p >= 0 && p <= 1);
  return Array.from({ length: pValues.length }, (_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
}
