/** All subsets of k of the indices 0 … n − 1. */
function subsets(n: number, k: number, from = 0): number[][] {
  if (k === 0) return [[]];
  return Array.from({ length: n - from }, (_, i) => from + i).flatMap((first) =>
    subsets(n, k - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

/** The mean of a number over all k-subsets of a list. */
export function meanOverSubsets<T>(items: readonly T[], k: number, of: (chosen: T[]) => number): number {
  const all = subsets(items.length, k);
  return all.reduce((sum, chosen) => sum + of(chosen.map((i) => items[i]!)), 0) / all.length;
}
