/** Bounds and prices, one of each a place. */
export interface Limits {
  readonly cost: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
}

/**
 * Spreads a budget in proportion to weights, within bounds.
 *
 *   nᵢ = clip(λ·wᵢ, minᵢ, maxᵢ),  λ such that Σ cᵢ·nᵢ = budget
 *
 * Σ cᵢ·nᵢ(λ) grows along straight lines between the kinks minᵢ/wᵢ and maxᵢ/wᵢ: a binary search finds the line, and the
 * line gives λ. What weighs nothing stays at its minimum unless all the rest is full; then it shares evenly. So do
 * weights that are all 0. A weight below 1e-100 of the largest counts as 0.
 *
 * The caller sees to Σ c·min ≤ budget ≤ Σ c·max.
 */
export function waterFill(weights: readonly number[], budget: number, { cost, min, max }: Limits): number[] {
  const top = weights.reduce((a, b) => Math.max(a, b), 0);
  const w = weights.map((weight) => (weight / top > 1e-100 ? weight / top : 0));
  const full = w.map((weight, i) => (weight > 0 ? max[i]! : min[i]!));
  if (dot(cost, full) < budget) {
    const rest = w.map((weight) => (weight > 0 ? 0 : 1));
    return waterFill(rest, budget, { cost, min: full, max });
  }
  const rises = w.map((weight, i) => (weight > 0 ? min[i]! / weight : Infinity));
  const stops = w.map((weight, i) => (weight > 0 ? max[i]! / weight : Infinity));
  const at = (level: number) =>
    w.map((weight, i) => (level <= rises[i]! ? min[i]! : level >= stops[i]! ? max[i]! : level * weight));

  const kinks = [...rises, ...stops].filter(Number.isFinite).sort((a, b) => a - b);
  let [below, above] = [0, kinks.length];
  while (above - below > 1) {
    const middle = (below + above) >> 1;
    if (dot(cost, at(kinks[middle]!)) <= budget) below = middle;
    else above = middle;
  }
  const kink = kinks[below] ?? 0;
  const counts = at(kink);
  let [left, slope] = [budget, 0];
  const growing = w.map((weight, i) => {
    const grows = rises[i]! <= kink && kink < stops[i]!;
    if (grows) slope += cost[i]! * weight;
    else left -= cost[i]! * counts[i]!;
    return grows;
  });
  return counts.map((n, i) => (growing[i] ? Math.min(max[i]!, Math.max(min[i]!, (left / slope) * w[i]!)) : n));
}

/** Σ aᵢ·bᵢ. */
export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}
