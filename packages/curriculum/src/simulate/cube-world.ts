import type { Rng } from "@x/core";
import { checkInteger, checkValue } from "../checks.js";

/** A square of tasks, cut into cubes that open one after another from the corner at 0. */
export interface CubeWorld {
  /** Cubes a side. */
  readonly cubes: number;
  /** f: only tasks in [0, f]² can be learnt; they hold all the cubes. */
  readonly learnable: number;
  /** Standard deviation of the noise on every reward. */
  readonly noise: number;
  /** 0 … 100 of each cube, row after row from the corner. */
  readonly competence: readonly number[];
}

/** From this competence on a cube opens its upper neighbours; beyond it, it is mastered. */
const threshold = 75;
const highest = 100;

/**
 * A world in which nothing has been learnt.
 *
 * @param options - `cubes` a side, default 10; `learnable` side of the part that can be learnt, default 1; `noise` of
 * the rewards, default 0.
 */
export function createCubeWorld(
  options: { readonly cubes?: number; readonly learnable?: number; readonly noise?: number } = {},
): CubeWorld {
  const { cubes = 10, learnable = 1, noise = 0 } = options;
  checkInteger("createCubeWorld", "cubes", cubes, 1);
  checkValue("createCubeWorld", "learnable", learnable, "in (0, 1]", learnable > 0 && learnable <= 1);
  checkValue("createCubeWorld", "noise", noise, "finite and ≥ 0", noise >= 0 && noise < Number.POSITIVE_INFINITY);
  return { cubes, learnable, noise, competence: new Array<number>(cubes * cubes).fill(0) };
}

/**
 * Trains on one task of the unit square: its cube learns if it is open.
 *
 *   open: a neighbour below, to the left or diagonally so has competence ≥ 75 (the corner always is)
 *   c ← min(c + 1, 100) if open;  reward = c/100 + noise·ε, outside the learnable part only the noise
 *
 * Differs from the official code (flowersteam/teachDeepRL, toy_env.py): there all of the square can be learnt and there is
 * no noise.
 *
 * @paper 1910.07224 appendix
 */
export function visitCube(
  world: CubeWorld,
  task: readonly number[],
  rng: Rng,
): { readonly world: CubeWorld; readonly reward: number } {
  const inSquare = task.length === 2 && task.every((value) => value >= 0 && value <= 1);
  checkValue("visitCube", "task", task, "a point of the unit square", inSquare);
  const { cubes, learnable, noise } = world;
  const reward = (competence: number) => competence / highest + noise * rng.normal();
  if (!inLearnable(world, task)) return { world, reward: reward(0) };
  const [column, row] = task.map((value) => Math.min(Math.floor((value / learnable) * cubes), cubes - 1));
  const cube = row! * cubes + column!;
  const before = world.competence[cube]!;
  if (before === highest || !isOpen(world, cube)) return { world, reward: reward(before) };
  const competence = world.competence.with(cube, before + 1);
  return { world: { ...world, competence }, reward: reward(before + 1) };
}

/** Whether a task lies in the part that can be learnt. */
export function inLearnable({ learnable }: CubeWorld, task: readonly number[]): boolean {
  return task.every((value) => value <= learnable);
}

/** The share of cubes whose competence is above 75. */
export function masteredShare({ competence }: CubeWorld): number {
  return competence.filter((c) => c > threshold).length / competence.length;
}

/** The task of a teacher that sees all: the middle of the first cube that is open and not mastered, of the last when all are. */
export function bestTask(world: CubeWorld): number[] {
  const { cubes, learnable, competence } = world;
  const next = competence.findIndex((c, cube) => c <= threshold && isOpen(world, cube));
  const cube = next === -1 ? competence.length - 1 : next;
  return [cube % cubes, Math.floor(cube / cubes)].map((place) => ((place + 0.5) / cubes) * learnable);
}

function isOpen({ cubes, competence }: CubeWorld, cube: number): boolean {
  if (cube === 0) return true;
  const [column, row] = [cube % cubes, Math.floor(cube / cubes)];
  for (const [left, down] of [
    [1, 0],
    [0, 1],
    [1, 1],
  ] as const)
    if (column >= left && row >= down && competence[cube - left - down * cubes]! >= threshold) return true;
  return false;
}
