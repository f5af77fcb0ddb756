import type { Rng } from "@x/core";
import { checkInteger, checkShare, checkValue } from "../checks.js";
import { createTeacher } from "../teacher/create-teacher.js";
import type { Diagnostics, TeacherState } from "../teacher/teacher.js";
import {
  type Box,
  type ContinuousOptions,
  type ContinuousTeacher,
  checkBox,
  checkRewards,
  clip,
  shares,
  sides,
  uniform,
  volume,
} from "./box.js";
import { bestSplit, createRegion, pathTo, type Region, type SplitRule } from "./region.js";

/** Shares of tasks from the whole box and from a region; the rest are mutations. */
const uniformRatio = 0.2;
const regionRatio = 0.7;

/** Options of `createRiac`. */
export interface RiacOptions extends ContinuousOptions {
  /** Results that a leaf holds before it is split, and the window of learning progress. Default 200. */
  readonly maxRegionSize?: number;
  /** Results that each half of a split must get. Default `maxRegionSize` / 20, rounded up. */
  readonly minRegionSize?: number;
  /** Least side of a region, as a share of the side of the box. Default 1/15; 1/6 in TeachMyAgent. */
  readonly minSide?: number;
  /** Random cuts tried for a split. Default 50. */
  readonly splitAttempts?: number;
  /** Whether only leaves are drawn from, not the regions they were cut from. Default false. */
  readonly leavesOnly?: boolean;
  /** `reference`: score cuts as the official code does, blind to the sizes of the halves. */
  readonly compat?: "reference";
}

/** What RIAC can say about itself. */
export interface RiacDiagnostics extends Diagnostics {
  /** The regions that tasks are drawn from, with the chance of each. */
  readonly regions: readonly (Box & { readonly share: number; readonly progress: number; readonly leaf: boolean })[];
}

/**
 * RIAC: a tree of boxes, cut where learning progress differs, drawn from in proportion to it.
 *
 *   ALP_r = |mean reward of the older half − of the newer half| of the last `maxRegionSize` results in region r
 *   a leaf with more: of `splitAttempts` random cuts that of largest n₁ n₂ |ALP₁ − ALP₂|; its oldest quarter goes if none is fit
 *   p(task) = 0.7 Σ_r s_r U_r + 0.2 U + 0.1 Σ_r s_r N(task with the lowest reward of r, 0.1 side),  s_r = ALP_r / Σ ALP
 *
 * A mutated task is moved onto the border of its region when it falls outside, so that a ticket's `probability`, the density
 * p, is exact inside the regions, and borders hold the rest.
 *
 * Differs from the official code (flowersteam/teachDeepRL, riac.py): n₁ and n₂ are the numbers of results in the halves,
 * where it takes 2 and 2 for every cut (`compat` scores as it does); an unfit cut uses up a try, so that equal tasks cannot
 * hold the search for ever; mutations are in units of the box's sides; a task on a cut is in one region only.
 *
 * @param saved - state of `toJSON`, to go on from.
 * @throws ValueError for a box or an option outside its range.
 * @throws StateError for state of another teacher or other options.
 * @paper 1910.07224 algorithm RIAC
 */
export function createRiac(options: RiacOptions, saved?: TeacherState<number[]>): ContinuousTeacher<RiacDiagnostics> {
  const type = "createRiac";
  const { box, seed, signal = "reward", compat } = options;
  const { maxRegionSize = 200, minSide = 1 / 15, splitAttempts = 50, leavesOnly = false } = options;
  const { minRegionSize = Math.ceil(maxRegionSize / 20) } = options;
  checkBox(type, box);
  checkInteger(type, "maxRegionSize", maxRegionSize, 2);
  checkInteger(type, "minRegionSize", minRegionSize, 1);
  checkShare(type, "minSide", minSide);
  checkInteger(type, "splitAttempts", splitAttempts, 1);
  checkValue(type, "compat", compat, "reference", compat === undefined || compat === "reference");

  const side = sides(box);
  const deviations = side.map((length) => 0.1 * length);
  const rule: SplitRule = {
    window: maxRegionSize,
    attempts: splitAttempts,
    minSize: minRegionSize,
    minSides: side.map((length) => minSide * length),
    sized: compat === undefined,
  };
  let regions: Region[] = [createRegion(box, [], [], maxRegionSize)];

  /** The chance of every region. */
  function chances(): number[] {
    const pool = regions.map(({ split }) => !leavesOnly || split === undefined);
    const share = shares(regions.filter((_, r) => pool[r]).map(({ progress }) => progress));
    let at = 0;
    return pool.map((inPool) => (inPool ? share[at++]! : 0));
  }

  function draw(share: readonly number[], rng: Rng): number[] {
    const mode = rng.float();
    if (mode < uniformRatio) return uniform(box, rng);
    const region = regions[rng.categorical(share)]!;
    if (mode < uniformRatio + regionRatio || region.tasks.length === 0) return uniform(region, rng);
    return clip(
      region,
      worst(region).map((x, i) => x + deviations[i]! * rng.normal()),
    );
  }

  /** p(task) as above; only the regions on the path to the task reach it. */
  function density(share: readonly number[], task: readonly number[]): number {
    let sum = uniformRatio / volume(box);
    for (const r of pathTo(regions, task)) {
      const region = regions[r]!;
      const flat = 1 / volume(region);
      const mutated = region.tasks.length === 0 ? flat : normalDensity(task, worst(region), deviations);
      sum += share[r]! * (regionRatio * flat + (1 - uniformRatio - regionRatio) * mutated);
    }
    return sum;
  }

  function add(task: readonly number[], reward: number, rng: Rng): void {
    const path = pathTo(regions, task);
    for (const r of path) {
      const { tasks, rewards, split } = regions[r]!;
      const kept = createRegion(
        regions[r]!,
        [...tasks, task].slice(-maxRegionSize - 1),
        [...rewards, reward].slice(-maxRegionSize - 1),
        maxRegionSize,
      );
      regions[r] = split === undefined ? kept : { ...kept, split };
    }
    const leaf = path.at(-1)!;
    const region = regions[leaf]!;
    if (region.rewards.length <= maxRegionSize) return;
    const found = bestSplit(region, rule, rng);
    if (found === undefined) {
      const oldest = Math.ceil(maxRegionSize / 4);
      regions[leaf] = createRegion(region, region.tasks.slice(oldest), region.rewards.slice(oldest), maxRegionSize);
      return;
    }
    const { axis, at, halves } = found;
    regions[leaf] = { ...region, split: { axis, at, left: regions.length } };
    regions.push(...halves);
  }

  const teacher = createTeacher<number[]>({
    type,
    seed,
    options: { box, maxRegionSize, minRegionSize, minSide, splitAttempts, leavesOnly, compat },
    signal,
    saved,
    method: {
      draw(n, rng) {
        const share = chances();
        return Array.from({ length: n }, () => {
          const task = draw(share, rng);
          return { task, probability: density(share, task) };
        });
      },
      check: (told) => checkRewards(type, told),
      learn(told, rng) {
        for (const { ticket, signal: reward } of told) add(ticket.task, reward, rng);
      },
      save: () => [...regions],
      load(data) {
        regions = [...(data as readonly Region[])];
      },
    },
  });
  return {
    ...teacher,
    get diagnostics(): RiacDiagnostics {
      const share = chances();
      const described = regions.map(({ low, high, progress, split }, r) => {
        return { low, high, progress, share: share[r]!, leaf: split === undefined };
      });
      return { ...teacher.diagnostics, regions: described };
    },
  };
}

/** The task of the lowest reward. */
const worst = ({ tasks, rewards }: Region): readonly number[] =>
  tasks[rewards.reduce((least, reward, i) => (reward < rewards[least]! ? i : least), 0)]!;

/** The density of independent normals. */
const normalDensity = (x: readonly number[], mean: readonly number[], deviations: readonly number[]): number =>
  deviations.reduce((product, sigma, i) => {
    return (product * Math.exp(-(((x[i]! - mean[i]!) / sigma) ** 2) / 2)) / (sigma * Math.sqrt(2 * Math.PI));
  }, 1);
