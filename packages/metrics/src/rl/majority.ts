import { ValueError } from "@x/core";
import { checkFilled, checkInteger } from "../checks.js";

/**
 * The probability that the most frequent of k sampled answers is the right one, estimated without bias from n ≥ k answers:
 * the mean over all k-subsets, where tied answers share the win evenly.
 *
 *   Σ_{j ≥ 1} E[ [N_truth = j, all Nₐ ≤ j] / (1 + #{a : Nₐ = j}) | Σ N = k ],  Nₐ ~ Binomial(nₐ, k/n)
 *
 * Independent binomial counts with a given sum are the counts of a random k-subset, whatever their common probability.
 * The sum is exact, without sampling, in O(n k² log k).
 *
 * @param answers - `[n]`, what each attempt answered, in one canonical form; attempts without an answer count as one more.
 * @param truth - the right answer; 0 when nobody gave it.
 * @throws ValueError for an empty list, an answer that is NaN, or k outside 1 … n.
 * @paper 2203.11171 majority vote
 */
export function majorityAtK(answers: ArrayLike<number | string>, truth: number | string, k: number): number {
  checkFilled("majorityAtK", "answers", answers);
  const n = answers.length;
  checkInteger("majorityAtK", "k", k, 1, n);
  const counts = new Map<number | string, number>();
  for (let i = 0; i < n; i++) {
    const answer = answers[i]!;
    if (Number.isNaN(answer))
      throw new ValueError(`majorityAtK: answers[${i}] must be an answer, got NaN`, {
        argument: "answers",
        index: i,
        value: answer,
      });
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  const own = binomial(counts.get(truth) ?? 0, k / n);
  counts.delete(truth);
  const others = Array.from(counts.values(), (count) => binomial(count, k / n));
  let wins = 0;
  for (let j = 1; j < own.length && j <= k; j++) wins += own[j]! * winShare(others, j, k - j);
  return Math.min(1, wins / binomial(n, k / n)[k]!);
}

/** E[ [Σ Nₐ = rest, all Nₐ ≤ j] / (1 + #{a : Nₐ = j}) ] over independent counts Nₐ. */
function winShare(others: readonly Float64Array[], j: number, rest: number): number {
  const width = rest + 1;
  const mostTies = Math.floor(rest / j);
  let chance = new Float64Array((mostTies + 1) * width); // [ties, Σ Nₐ]
  chance[0] = 1;
  for (const count of others) {
    const next = new Float64Array(chance.length);
    for (let ties = 0; ties <= mostTies; ties++)
      for (let sum = 0; sum <= rest; sum++) {
        const before = chance[ties * width + sum]!;
        if (before === 0) continue;
        for (let i = 0; i < count.length && i <= j && sum + i <= rest; i++)
          next[(i === j ? ties + 1 : ties) * width + sum + i]! += before * count[i]!;
      }
    chance = next;
  }
  let share = 0;
  for (let ties = 0; ties <= mostTies; ties++) share += chance[ties * width + rest]! / (1 + ties);
  return share;
}

/** P(N = 0 … n) of Binomial(n, p), from the mode outwards so that nothing overflows. */
function binomial(n: number, p: number): Float64Array {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const odds = p / (1 - p);
  const chance = new Float64Array(n + 1);
  chance[mode] = 1;
  for (let i = mode; i < n; i++) chance[i + 1] = (chance[i]! * (n - i) * odds) / (i + 1);
  for (let i = mode; i > 0; i--) chance[i - 1] = (chance[i]! * i) / (n - i + 1) / odds;
  const total = chance.reduce((a, b) => a + b);
  return chance.map((x) => x / total);
}
