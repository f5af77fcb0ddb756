import { createRng } from "@x/core";
import { describe, expect, it } from "vitest";
import { createTaskMixture } from "../../src/continuous/task-mixture.js";
import { expectClose } from "../expect-close.js";
import { chiSquareDeviate } from "./chi-square.js";

const narrow = { progress: 3, mean: [0.3, 0.4], covariance: [0.01, 0.006, 0.006, 0.009] };
const wide = { progress: 1, mean: [0.6, 0.5], covariance: [0.02, -0.01, -0.01, 0.02] };
const cells = 20;
const [low, high] = [-0.4, 1.4];

/** Mean density of each of the cells × cells squares of [low, high]², by the midpoint rule on 5 × 5 points. */
function cellMasses(density: (task: number[]) => number): number[] {
  const width = (high - low) / cells;
  return Array.from({ length: cells * cells }, (_, cell) => {
    let sum = 0;
    for (let a = 0; a < 5; a++)
      for (let b = 0; b < 5; b++)
        sum += density([
          low + width * ((cell % cells) + (a + 0.5) / 5),
          low + width * (Math.floor(cell / cells) + (b + 0.5) / 5),
        ]);
    return (sum * width * width) / 25;
  });
}

describe("createTaskMixture", () => {
  it("draws with its own density, each Gaussian in proportion to its progress", () => {
    const mixture = createTaskMixture([narrow, wide])!;
    const masses = cellMasses(mixture.density);
    expectClose(
      masses.reduce((a, b) => a + b),
      1,
      { atol: 1e-4 },
    );
    const rng = createRng(5);
    const counts = new Array<number>(cells * cells).fill(0);
    for (let draw = 0; draw < 40_000; draw++) {
      const [x, y] = mixture.draw(rng).map((at) => Math.floor(((at - low) / (high - low)) * cells));
      if (x! >= 0 && x! < cells && y! >= 0 && y! < cells) counts[y! * cells + x!]!++;
    }
    expect(chiSquareDeviate(counts, masses)).toBeLessThan(4);
    // The test has teeth: another share of the two is seen.
    const other = createTaskMixture([{ ...narrow, progress: 2.5 }, wide])!;
    expect(chiSquareDeviate(counts, cellMasses(other.density))).toBeGreaterThan(4);
  });

  it("has the density of a normal in one dimension", () => {
    const mixture = createTaskMixture([{ progress: 2, mean: [1], covariance: [4] }])!;
    expectClose(mixture.density([2]), Math.exp(-1 / 8) / (2 * Math.sqrt(2 * Math.PI)), { rtol: 1e-14 });
  });

  it("takes all Gaussians alike when none has progress", () => {
    const [a, b] = [narrow, wide].map((gaussian) => createTaskMixture([{ ...gaussian, progress: 0 }])!);
    const both = createTaskMixture([narrow, wide].map((gaussian) => ({ ...gaussian, progress: 0 })))!;
    expectClose(both.density([0.5, 0.5]), (a!.density([0.5, 0.5]) + b!.density([0.5, 0.5])) / 2, { rtol: 1e-14 });
    const rng = createRng(1);
    const near = Array.from({ length: 2000 }, () => both.draw(rng)[0]! < 0.45).filter((left) => left).length / 2000;
    expectClose(near, (0.933 + 0.144) / 2, { atol: 0.05 });
  });

  it("is undefined when a covariance is singular", () => {
    expect(createTaskMixture([narrow, { ...wide, covariance: [1, 1, 1, 1] }])).toBeUndefined();
  });
});
