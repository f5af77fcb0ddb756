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
  const n = classes.length;
  for (let c = 0; c < columns; c++) {
    const positive = new Uint8Array(n).map((_, i) => (classes[i] === c ? 1 : 0));
    const size = compensatedSum(weights ? new Float64Array(n).map((_, i) => positive[i]! * weights[i]!) : positive);
    yield { scores: new Float64Array(n).map((_, i) => scores[i * columns + c]!), positive, weights, size };
  }
}

/** Class a against class b for each ordered pair, ranked by column a; as large as both classes together. */
export function* oneVersusOne(classes: Int32Array, scores: Vec, columns: number): Generator<Ranking> {
  const rows = classes.map((_, i) => i);
  for (let a = 0; a < columns; a++)
    for (let b = 0; b < columns; b++) {
      if (a === b) continue;
      const pair = rows.filter((i) => classes[i] === a || classes[i] === b);
      const positive = new Uint8Array(pair.length).map((_, k) => (classes[pair[k]!] === a ? 1 : 0));
      const columnA = new Float64Array(pair.length).map((_, k) => scores[pair[k]! * columns + a]!);
      yield { scores: columnA, positive, weights: undefined, size: pair.length };
    }
}

/** Every cell (example, class) as one example, positive where the class is the example's own. */
export function allCells(classes: Int32Array, scores: Vec, columns: number, weights: Vec | undefined): Ranking {
  const cells = scores.length;
  const rowOf = (cell: number) => Math.floor(cell / columns);
  return {
    scores,
    positive: new Uint8Array(cells).map((_, cell) => (classes[rowOf(cell)] === cell % columns ? 1 : 0)),
    weights: weights && new Float64Array(cells).map((_, cell) => weights[rowOf(cell)]!),
    size: 1,
  };
}
