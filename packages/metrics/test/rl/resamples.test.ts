import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iqmResampler, resampler } from "../../src/rl/resamples.js";
import { iqm } from "../../src/rl/scores.js";

describe("iqmResampler", () => {
  it("gives the interquartile mean of what resampler draws, ties included", () => {
    const matrix = fc.tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 7 })).chain(([runs, tasks]) =>
      fc.array(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: tasks, maxLength: tasks }), {
        minLength: runs,
        maxLength: runs,
      }),
    );
    fc.assert(
      fc.property(matrix, fc.integer(), (scores, seed) => {
        const rows = scores.map((row) => Float64Array.from(row, (x) => x / 7));
        const sample = rows.map((row) => row.slice());
        const [fast, slow] = [createRng(seed), createRng(seed)];
        const [figure, draw] = [iqmResampler(rows), resampler(rows, sample)];
        for (let rep = 0; rep < 5; rep++) {
          draw(slow);
          expect(figure(fast)).toBeCloseTo(iqm(sample), 12);
        }
      }),
    );
  });
});
