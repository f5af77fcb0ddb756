import { createRng, type Rng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bestTask,
  type CubeWorld,
  createCubeWorld,
  inLearnable,
  masteredShare,
  visitCube,
} from "../../src/simulate/index.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const rng = createRng("cubes");

function visits(world: CubeWorld, tasks: readonly (readonly number[])[], from: Rng = rng) {
  const rewards: number[] = [];
  for (const task of tasks) {
    const visited = visitCube(world, task, from);
    world = visited.world;
    rewards.push(visited.reward);
  }
  return { world, rewards };
}

/** The same rules once more, on a table of [column, row] and nothing shared with the source. */
function replay(side: number, learnable: number, tasks: readonly (readonly number[])[]) {
  const table = new Map<string, number>();
  const at = (x: number, y: number) => table.get(`${x},${y}`) ?? 0;
  const rewards = tasks.map(([x, y]) => {
    if (x! > learnable || y! > learnable) return 0;
    const [i, j] = [x!, y!].map((v) => {
      let k = 0;
      while (k < side - 1 && (v / learnable) * side >= k + 1) k++;
      return k;
    }) as [number, number];
    const open = (i === 0 && j === 0) || [at(i - 1, j), at(i, j - 1), at(i - 1, j - 1)].some((c) => c >= 75);
    if (open) table.set(`${i},${j}`, Math.min(100, at(i, j) + 1));
    return at(i, j) / 100;
  });
  return { table, rewards };
}

describe("visitCube", () => {
  it("follows the rules written down a second time, on random tasks", () => {
    const point = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom(1, 0.6),
        fc.array(fc.tuple(point, point), { minLength: 1, maxLength: 5 }),
        (cubes, learnable, places) => {
          // Each place many times over, so that cubes open and fill up.
          const tasks = Array.from({ length: 400 }, (_, i) => places[(i * 7) % places.length]!);
          const corner = Array.from({ length: 80 }, () => [0, 0]);
          const { world, rewards } = visits(createCubeWorld({ cubes, learnable }), [...corner, ...tasks]);
          const expected = replay(cubes, learnable, [...corner, ...tasks]);
          expect(rewards).toEqual(expected.rewards);
          world.competence.forEach((c, cube) => {
            expect(c).toBe(expected.table.get(`${cube % cubes},${Math.floor(cube / cubes)}`) ?? 0);
          });
        },
      ),
      { numRuns: 50 },
    );
  });

  it("opens a neighbour at 75 visits of the corner and stops at 100", () => {
    const corner = (n: number) => Array.from({ length: n }, () => [0.1, 0.1]);
    const world = createCubeWorld({ cubes: 2 });
    expect(visits(world, [...corner(74), [0.9, 0.1]]).rewards.at(-1)).toBe(0);
    expect(visits(world, [...corner(75), [0.9, 0.1]]).rewards.at(-1)).toBe(0.01);
    expect(visits(world, [...corner(75), [0.9, 0.9]]).rewards.at(-1)).toBe(0.01); // diagonally
    expect(visits(world, corner(130)).rewards.slice(98)).toEqual([0.99, ...new Array(31).fill(1)]);
  });

  it("leaves the world that it was given as it was", () => {
    const world = createCubeWorld({ cubes: 2 });
    visitCube(world, [0, 0], rng);
    expect(world.competence).toEqual([0, 0, 0, 0]);
  });

  it("gives only noise outside the learnable part, of the standard deviation asked for", () => {
    const world = createCubeWorld({ cubes: 2, learnable: 0.6, noise: 0.1 });
    const n = 4000;
    const { world: after, rewards } = visits(
      world,
      Array.from({ length: n }, () => [0.7, 0.2]),
    );
    expect(after).toBe(world);
    const mean = rewards.reduce((a, b) => a + b) / n;
    const deviation = Math.sqrt(rewards.reduce((sum, r) => sum + (r - mean) ** 2, 0) / n);
    expect(Math.abs(mean)).toBeLessThan((4.5 * 0.1) / Math.sqrt(n)); // false alarm 1e-5
    expectClose(deviation, 0.1, { rtol: 4.5 / Math.sqrt(2 * n) });
  });

  it("refuses what is no point of the square", () => {
    for (const task of [[0.5], [0.5, 1.1], [Number.NaN, 0], [0.1, 0.2, 0.3]])
      expectValueError(() => visitCube(createCubeWorld(), task, rng), { argument: "task", value: task });
  });
});

describe("createCubeWorld", () => {
  it("has 10 × 10 cubes, all of the square and no noise unless told otherwise", () => {
    expect(createCubeWorld()).toEqual({ cubes: 10, learnable: 1, noise: 0, competence: new Array(100).fill(0) });
  });

  it("refuses options outside their ranges", () => {
    expectValueError(() => createCubeWorld({ cubes: 0 }), { argument: "cubes" });
    for (const learnable of [0, 1.1, Number.NaN])
      expectValueError(() => createCubeWorld({ learnable }), { argument: "learnable" });
    for (const noise of [-1, Number.POSITIVE_INFINITY])
      expectValueError(() => createCubeWorld({ noise }), { argument: "noise" });
  });
});

describe("inLearnable", () => {
  it("holds up to the border of the part and not beyond", () => {
    const world = createCubeWorld({ learnable: 0.6 });
    expect(
      [
        [0.6, 0.6],
        [0.61, 0],
        [0, 0.7],
      ].map((task) => inLearnable(world, task)),
    ).toEqual([true, false, false]);
  });
});

describe("masteredShare", () => {
  it("counts cubes above 75, not those at 75", () => {
    expect(masteredShare({ ...createCubeWorld({ cubes: 2 }), competence: [76, 75, 100, 0] })).toBe(0.5);
  });
});

describe("bestTask", () => {
  it("masters every cube in 76 visits each and never wastes one", () => {
    let world = createCubeWorld({ cubes: 4, learnable: 0.6 });
    for (let i = 0; i < 16 * 76; i++) {
      expect(masteredShare(world)).toBeLessThan(1);
      const before = world.competence.reduce((a, b) => a + b);
      world = visitCube(world, bestTask(world), rng).world;
      expect(world.competence.reduce((a, b) => a + b)).toBe(before + 1);
    }
    expect(masteredShare(world)).toBe(1);
    expect(inLearnable(world, bestTask(world))).toBe(true);
  });
});
