import type { Rng } from "@x/core";
import { drawIndices } from "../stats/draw-indices.js";

/** Runs × tasks, row by row. */
export type Rows = readonly Float64Array[];

/** to[n][m] = from[J][m], J uniform and drawn anew for every cell. */
export function resampler(from: Rows, to: Rows): (rng: Rng) => void {
  const [runs, tasks] = [from.length, from[0]!.length];
  const drawn = new Int32Array(runs * tasks);
  return (rng) => {
    drawIndices(rng, runs, drawn);
    for (let n = 0, cell = 0; n < runs; n++) for (let m = 0; m < tasks; m++) to[n]![m] = from[drawn[cell++]!]![m]!;
  };
}

/**
 * The interquartile mean of such a resample, by how often each of the scores was drawn: they are sorted once and for all.
 *
 *   Σ_r #{places of score r within the middle half} s₍r₎ / (N − 2⌊N/4⌋)
 */
export function iqmResampler(from: Rows): (rng: Rng) => number {
  const [runs, tasks] = [from.length, from[0]!.length];
  const size = runs * tasks;
  const scores = Float64Array.from(from.flatMap((row) => Array.from(row)));
  const order = Int32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!);
  const sorted = Float64Array.from(order, (cell) => scores[cell]!);
  const rank = new Int32Array(size);
  for (let r = 0; r < size; r++) rank[order[r]!] = r;
  const drawn = new Int32Array(size);
  const counts = new Int32Array(size);
  const cut = Math.floor(size / 4);
  return (rng) => {
    drawIndices(rng, runs, drawn);
    counts.fill(0);
    for (let n = 0, cell = 0; n < runs; n++)
      for (let m = 0; m < tasks; m++) counts[rank[drawn[cell++]! * tasks + m]!]!++;
    let r = 0;
    let skipped = 0;
    while (skipped + counts[r]! <= cut) skipped += counts[r++]!;
    let room = size - 2 * cut;
    let sum = 0;
    for (let times = skipped + counts[r]! - cut; times < room; times = counts[++r]!) {
      sum += times * sorted[r]!;
      room -= times;
    }
    return (sum + room * sorted[r]!) / (size - 2 * cut);
  };
}
