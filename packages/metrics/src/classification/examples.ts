import { ValueError } from "@x/core";
import { checkEach, checkFilled, checkFinite, checkLength, checkValue, type Vec } from "../checks.js";

/** Refuses weights that are not one finite number ≥ 0 an example, or that are all 0. */
export function checkWeights(caller: string, weights: Vec | undefined, examples: number): void {
  if (!weights) return;
  checkLength(caller, "sampleWeight", weights, "yTrue", examples);
  checkEach(caller, "sampleWeight", weights, "finite and ≥ 0", (w) => w >= 0 && w < Infinity);
  const counted = Array.prototype.some.call(weights, (w) => w > 0);
  checkValue(caller, "sampleWeight", 0, "> 0 somewhere", counted);
}

/** Refuses an empty list and the first label that is no integer. */
export function checkLabels(caller: string, argument: string, labels: Vec): void {
  checkFilled(caller, argument, labels);
  checkEach(caller, argument, labels, "an integer", Number.isInteger);
}

/**
 * 1 where the label is the positive one, else 0. Unless the positive label is named, a third label is refused: it is most
 * often a problem of several classes taken for one of two.
 */
export function positiveMask(caller: string, yTrue: Vec, positive: number | undefined): Uint8Array {
  const mask = new Uint8Array(yTrue.length);
  const wanted = positive ?? 1;
  let other: number | undefined;
  for (let i = 0; i < yTrue.length; i++) {
    const label = yTrue[i]!;
    if (label === wanted) mask[i] = 1;
    else {
      other ??= label;
      const rule = "one of two labels unless `positive` is given";
      checkValue(caller, "yTrue", label, rule, positive !== undefined || label === other, i);
    }
  }
  return mask;
}

/** Number of columns C of a row-major `[N, C]`, all of whose numbers are finite. */
export function checkColumns(caller: string, argument: string, values: Vec, examples: number): number {
  checkFinite(caller, argument, values);
  if (values.length % examples !== 0)
    throw new ValueError(
      `${caller}: ${argument} must hold a multiple of the ${examples} labels, got ${values.length}`,
      {
        argument,
        value: values.length,
      },
    );
  return values.length / examples;
}

/** Refuses the first row of a row-major `[N, C]` whose sum is not 1 within numpy's `allclose`. */
export function checkRowSums(caller: string, argument: string, values: Vec, columns: number): void {
  for (let start = 0; start < values.length; start += columns) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += values[start + k]!;
    if (Math.abs(sum - 1) > 1e-8 + 1e-5 * Math.abs(sum))
      throw new ValueError(`${caller}: row ${start / columns} of ${argument} must sum to 1, got ${sum}`, {
        argument,
        index: start,
        value: sum,
      });
  }
}

/** The column of each example's label; `labels` names the columns. */
export function columnOf(caller: string, argument: string, values: Vec, labels: Vec): Int32Array {
  const columns = new Map(Array.from(labels, (label, column) => [label, column]));
  return new Int32Array(values.length).map((_, index) => {
    const label = values[index]!;
    const column = columns.get(label);
    if (column !== undefined) return column;
    throw new ValueError(`${caller}: ${argument}[${index}] must be one of the ${labels.length} labels, got ${label}`, {
      argument,
      index,
      value: label,
    });
  });
}

/** The labels of C columns: distinct integers, by default 0 … C − 1. */
export function columnLabels(caller: string, labels: Vec | undefined, columns: number): Vec {
  if (!labels) return new Int32Array(columns).map((_, k) => k);
  checkLength(caller, "labels", labels, "the columns", columns);
  checkDistinct(caller, labels);
  return labels;
}

/** Refuses labels that are no integers or come twice. */
export function checkDistinct(caller: string, labels: Vec): void {
  checkLabels(caller, "labels", labels);
  const seen = new Set<number>();
  checkEach(caller, "labels", labels, "given once", (label) => seen.size < seen.add(label).size);
}
