import type { Rng } from "@x/core";
import type { Box } from "./box.js";

/** A node of RIAC's tree: a box, the latest results in it, and how it is split once it is. Plain JSON. */
export interface Region extends Box {
  readonly tasks: readonly (readonly number[])[];
  readonly rewards: readonly number[];
  /** |mean reward of the older half − of the newer half|. */
  readonly progress: number;
  readonly split?: Split;
}

/** Tasks with task[axis] ≤ at belong to region `left`, the others to `left` + 1. */
interface Split {
  readonly axis: number;
  readonly at: number;
  readonly left: number;
}

/**
 * Absolute learning progress within a window of rewards, oldest first.
 *
 *   ALP = |mean of the older half − mean of the newer half| of the last `window`,  0 for fewer than 3
 *
 * @paper 1910.07224 algorithm RIAC
 */
export function windowProgress(rewards: readonly number[], window: number): number {
  const size = Math.min(rewards.length, window);
  if (rewards.length < 3 || size < 2) return 0;
  const newer = Math.floor(size / 2);
  const mean = (from: number, to: number) => {
    let sum = 0;
    for (let i = from; i < to; i++) sum += rewards[i]!;
    return sum / (to - from);
  };
  const { length } = rewards;
  return Math.abs(mean(length - size, length - newer) - mean(length - newer, length));
}

/** A region with these results. */
export function createRegion(
  { low, high }: Box,
  tasks: Region["tasks"],
  rewards: readonly number[],
  window: number,
): Region {
  return { low, high, tasks, rewards, progress: windowProgress(rewards, window) };
}

/** The numbers of the regions that hold a task, from the root to a leaf. */
export function pathTo(regions: readonly Region[], task: readonly number[]): number[] {
  const path = [0];
  for (let { split } = regions[0]!; split !== undefined; { split } = regions[path.at(-1)!]!)
    path.push(task[split.axis]! <= split.at ? split.left : split.left + 1);
  return path;
}

/** What makes a cut fit. */
export interface SplitRule {
  /** The window of learning progress. */
  readonly window: number;
  readonly attempts: number;
  /** Results that each half must get. */
  readonly minSize: number;
  /** The least side of a half, for each axis. */
  readonly minSides: readonly number[];
  /** Whether the sizes of the halves count. */
  readonly sized: boolean;
}

/**
 * The best of some random cuts; undefined when none is fit.
 *
 *   score = n₁ n₂ |ALP₁ − ALP₂|,  without n₁ n₂ when not `sized`
 */
export function bestSplit(
  region: Region,
  { window, attempts, minSize, minSides, sized }: SplitRule,
  rng: Rng,
): { readonly axis: number; readonly at: number; readonly halves: readonly [Region, Region] } | undefined {
  const { low, high } = region;
  let best: ReturnType<typeof bestSplit>;
  let highest = -1;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const axis = rng.int(low.length);
    const at = low[axis]! + (high[axis]! - low[axis]!) * rng.float();
    if (Math.min(at - low[axis]!, high[axis]! - at) < minSides[axis]!) continue;
    const halves = cut(region, axis, at, window);
    const [a, b] = halves;
    if (Math.min(a.rewards.length, b.rewards.length) < minSize) continue;
    const score = (sized ? a.rewards.length * b.rewards.length : 1) * Math.abs(a.progress - b.progress);
    if (score <= highest) continue;
    highest = score;
    best = { axis, at, halves };
  }
  return best;
}

/** The two regions that a cut makes of one. */
function cut(region: Region, axis: number, at: number, window: number): readonly [Region, Region] {
  const { low, high, tasks, rewards } = region;
  const below = tasks.map((task) => task[axis]! <= at);
  const half = (box: Box, side: boolean) =>
    createRegion(
      box,
      tasks.filter((_, i) => below[i] === side),
      rewards.filter((_, i) => below[i] === side),
      window,
    );
  return [half({ low, high: high.with(axis, at) }, true), half({ low: low.with(axis, at), high }, false)];
}
