import type { Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/** A problem of two classes made from one of several. */
export interface Ranking {
  readonly scores: Vec;
  /** 1 = positive, 0 = negative. */
  readonly positive: Uint8Array;
  readonly weights: Vec | undefined;
  /** Weight of the class or pair in a weighted mean. */
  readonly size: number;
}

/** Each class against the rest, ranked by its own column; as large as the class. */
export function* oneVersusRest(
  classes: Int32Array,
  scores: Vec,
  columns: number,
  weights: Vec | undefined,
): Generator<Ranking> {
  for (let c = 0; c < columns; c++) {
    const positive = Uint8Array.from(classes, (own) => (own === c ? 1 : 0));
    const size = compensatedSum(weights ? Float64Array.from(positive, (y, i) => y * weights[i]!) : positive);
    yield { scores: Float64Array.from(classes, (_, i) => scores[i * columns + c]!), positive, weights, size };
  }
}

/** Class a against class b for each ordered pair, ranked by column a; as large as both classes together. */
export function* oneVersusOne(classes: Int32Array, scores: Vec, columns: number): Generator<Ranking> {
  const rowsOf = Array.from({ length: columns }, (_, c) => [...classes.keys()].filter((i) => classes[i] === c));
  for (const [a, rows] of rowsOf.entries())
    for (const [b, others] of rowsOf.entries()) {
      if (a === b) continue;
      const pair = [...rows, ...others];
      const positive = Uint8Array.from(pair, (_, k) => (k < rows.length ? 1 : 0));
      const columnA = Float64Array.from(pair, (i) => scores[i * columns + a]!);
      yield { scores: columnA, positive, weights: undefined, size: pair.length };
    }
}

/** Every cell (example, class) as one example, positive where the class is the example's own. */
export function allCells(classes: Int32Array, scores: Vec, columns: number, weights: Vec | undefined): Ranking {
  const rowOf = (cell: number) => Math.floor(cell / columns);
  return {
    scores,
    positive: Uint8Array.from(scores, (_, cell) => (classes[rowOf(cell)] === cell % columns ? 1 : 0)),
    weights: weights && Float64Array.from(scores, (_, cell) => weights[rowOf(cell)]!),
    size: 1,
  };
}
