import { dot, type Limits } from "./water-fill.js";

/**
 * Rounds shares to whole numbers by Hamilton's largest remainders: every place gets its share rounded down, and what is
 * left of the budget goes, one each, to the largest remainders that still fit. Remainders within 1e-9 tie; the first
 * place wins. Sums to the budget at unit cost; otherwise what stays unspent is less than the largest cost.
 */
export function largestRemainders(shares: readonly number[], budget: number, { cost, max }: Limits): number[] {
  const counts = shares.map((share) => Math.floor(share));
  const remainder = shares.map((share, i) => Math.round((share - counts[i]!) * 1e9));
  let left = budget - dot(cost, counts) + 1e-9 * budget;
  const order = [...shares.keys()].sort((i, j) => remainder[j]! - remainder[i]! || i - j);
  for (const i of order) {
    if (cost[i]! > left || counts[i]! >= max[i]!) continue;
    counts[i]!++;
    left -= cost[i]!;
  }
  return counts;
}

/**
 * The whole numbers of least Σ aᵢ/nᵢ at unit cost: one sample after the other goes where it lowers the sum most,
 *
 *   aᵢ/nᵢ − aᵢ/(nᵢ + 1) = aᵢ / (nᵢ·(nᵢ + 1)),
 *
 * which is optimal because the gain of a place only shrinks as it fills. A first sample gains without bound, so every
 * aᵢ > 0 gets its first, largest aᵢ first, before any gets a second. Ties go to the larger aᵢ, then to
 * fewer samples, then to the first place.
 */
export function greedyCounts(variance: readonly number[], budget: number, { min, max }: Limits): number[] {
  const counts = [...min];
  const gain = variance.map((a, i) => gainOf(a, counts[i]!));
  const order = (i: number, j: number) =>
    gain[j]! - gain[i]! || variance[j]! - variance[i]! || counts[i]! - counts[j]! || i - j;
  const heap = [...counts.keys()].filter((i) => counts[i]! < max[i]!).sort(order);
  for (let left = budget - counts.reduce((sum, n) => sum + n, 0); left > 0; left--) {
    const i = heap[0]!;
    counts[i]!++;
    gain[i] = gainOf(variance[i]!, counts[i]!);
    if (counts[i]! >= max[i]!) {
      const last = heap.pop()!;
      if (last !== i) heap[0] = last;
    }
    sink(heap, order);
  }
  return counts;
}

const gainOf = (a: number, n: number) => (a === 0 ? 0 : n === 0 ? Infinity : a / (n * (n + 1)));

/** Moves the root of a binary heap down to its place. */
function sink(heap: number[], order: (i: number, j: number) => number): void {
  for (let parent = 0; ; ) {
    let first = parent;
    for (const child of [2 * parent + 1, 2 * parent + 2])
      if (child < heap.length && order(heap[child]!, heap[first]!) < 0) first = child;
    if (first === parent) return;
    [heap[parent], heap[first]] = [heap[first]!, heap[parent]!];
    parent = first;
  }
}
