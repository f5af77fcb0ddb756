import { ValueError } from "@x/core";
import { checkFilled, checkLength } from "../checks.js";

/**
 * How much two labelings of the same items tell about each other: 1 when equal up to renaming, 0 when independent.
 *
 *   NMI = I(A; B) / ((H(A) + H(B)) / 2)
 *
 * 1 when both labelings have a single label. The arithmetic mean is scikit-learn's default.
 *
 * @param a - a label for each item: integers or strings.
 * @param b - other labels of the same items.
 * @throws ValueError for empty lists, lists of different lengths, or a label that is NaN.
 */
export function normalisedMutualInformation(a: ArrayLike<number | string>, b: ArrayLike<number | string>): number {
  const n = a.length;
  checkFilled("normalisedMutualInformation", "a", a);
  checkLength("normalisedMutualInformation", "b", b, "a", n);
  const left = numbered("a", a);
  const right = numbered("b", b);
  if (left.counts.length === 1 && right.counts.length === 1) return 1;

  const joint = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const cell = left.labels[i]! * right.counts.length + right.labels[i]!;
    joint.set(cell, (joint.get(cell) ?? 0) + 1);
  }
  let information = 0;
  for (const [cell, count] of joint) {
    const expected = left.counts[Math.floor(cell / right.counts.length)]! * right.counts[cell % right.counts.length]!;
    information += (count / n) * Math.log((n * count) / expected);
  }
  return Math.max(0, information) / ((entropy(left.counts, n) + entropy(right.counts, n)) / 2);
}

function entropy(counts: readonly number[], n: number): number {
  return -counts.reduce((sum, count) => sum + (count / n) * Math.log(count / n), 0);
}

/** Labels as 0, 1, … in order of appearance, and how often each appears. */
function numbered(argument: string, labels: ArrayLike<number | string>): { labels: Int32Array; counts: number[] } {
  const numbers = new Map<number | string, number>();
  const counts: number[] = [];
  const found = Int32Array.from(labels, (label, index) => {
    if (Number.isNaN(label))
      throw new ValueError(`normalisedMutualInformation: ${argument}[${index}] must be a label, got NaN`, {
        argument,
        index,
        value: label,
      });
    const number = numbers.get(label) ?? counts.length;
    numbers.set(label, number);
    counts[number] = (counts[number] ?? 0) + 1;
    return number;
  });
  return { labels: found, counts };
}
