import { type Rng, ValueError } from "@x/core";
import { checkFilled, checkPositive, checkValue } from "../checks.js";
import { createTeacher, type Draw } from "../teacher/create-teacher.js";
import type { SignalKind } from "../teacher/signal.js";
import { checksum } from "../teacher/state.js";
import type { Diagnostics, Teacher, TeacherState } from "../teacher/teacher.js";

export interface DifficultyTargetOptions<T> {
  readonly seed: number | string;
  readonly items: readonly { readonly task: T; readonly difficulty: number }[];
  /** [d_min, d_max]; default the least and largest difficulty of the items. */
  readonly range?: readonly [low: number, high: number];
  /** T₀; default d_min. */
  readonly start?: number;
  /**
   * η, in units of difficulty; default half the range, the paper's 50 of [0, 100]. No step is longer than
   * η·tanh(α·max(β, 1 − β)) when rewards are in [0, 1]: 0.76·η by default.
   */
  readonly stepSize?: number;
  /** α; default 2. */
  readonly sensitivity?: number;
  /** β: the mean reward at which the target stays; default 0.5. */
  readonly targetReward?: number;
  /** What is averaged to R̄; default `"reward"`. */
  readonly signal?: SignalKind;
}

export interface DifficultyTargetDiagnostics extends Diagnostics {
  /** T. */
  readonly target: number;
}

interface Candidate {
  readonly item: number;
  readonly distance: number;
  readonly usedAt: number;
}

/**
 * AdaRFT: draws the items whose difficulty is nearest to a target, and moves the target with the mean reward R̄ of what
 * was told.
 *
 *   T ← clip(T + η·tanh(α·(R̄ − β)), d_min, d_max)
 *
 * Equally near items are taken by how long ago they were drawn, then at random; a ticket's probability is that of the last
 * choice. No item comes twice in one `ask`.
 *
 * Differs from the paper: its code draws the same items among equals for as long as the target stands still.
 *
 * @param saved - state of a teacher made with the same options.
 * @throws ValueError for an option outside its domain; `ask` also when there are fewer items than asked for.
 * @throws StateError for state that is damaged or was made with other options.
 * @paper 2504.05520 algorithm 1
 */
export function createDifficultyTarget<T>(
  options: DifficultyTargetOptions<T>,
  saved?: TeacherState<T>,
): Teacher<T, DifficultyTargetDiagnostics> {
  const type = "createDifficultyTarget";
  const { seed, signal = "reward", sensitivity = 2, targetReward = 0.5 } = options;
  checkFilled(type, "items", options.items);
  for (const [i, { difficulty }] of options.items.entries())
    checkValue(type, "items", difficulty, "of finite difficulty", Number.isFinite(difficulty), i);
  const items = options.items.toSorted((a, b) => a.difficulty - b.difficulty);
  const [low, high] = options.range ?? [items[0]!.difficulty, items.at(-1)!.difficulty];
  checkValue(
    type,
    "range",
    low,
    `finite and at most ${high}`,
    low <= high && Math.abs(low) + Math.abs(high) < Infinity,
  );
  const { start = low, stepSize = (high - low) / 2 || 1 } = options;
  checkValue(type, "start", start, `in [${low}, ${high}]`, start >= low && start <= high);
  checkPositive(type, "stepSize", stepSize);
  checkPositive(type, "sensitivity", sensitivity);
  checkValue(type, "targetReward", targetReward, "finite", Number.isFinite(targetReward));

  let target = start;
  let asks = 0;
  const usedAt = new Array<number>(items.length).fill(0); // which ask drew it last

  /** The n nearest items and all that are as near as the last of them, going out from the target on both sides. */
  function nearest(n: number): Candidate[] {
    let above = firstAtLeast(items, target);
    let below = above - 1;
    const found: Candidate[] = [];
    for (;;) {
      const down = below >= 0 ? target - items[below]!.difficulty : Infinity;
      const up = above < items.length ? items[above]!.difficulty - target : Infinity;
      const distance = Math.min(down, up);
      if (distance === Infinity || (found.length >= n && distance > found.at(-1)!.distance)) return found;
      const item = down < up ? below-- : above++;
      found.push({ item, distance, usedAt: usedAt[item]! });
    }
  }

  function draw(n: number, rng: Rng): Draw<T>[] {
    if (n > items.length)
      throw new ValueError(`${type}.ask: n must be at most ${items.length}, the number of items, got ${n}`, {
        argument: "n",
        value: n,
      });
    const ranked = rng.shuffle(nearest(n)).sort((a, b) => a.distance - b.distance || a.usedAt - b.usedAt);
    const last = ranked[n - 1]!;
    const equal = (one: Candidate) => one.distance === last.distance && one.usedAt === last.usedAt;
    const chosen = ranked.slice(0, n);
    const chance = chosen.filter(equal).length / ranked.filter(equal).length;
    asks++;
    return chosen.map((one) => {
      usedAt[one.item] = asks;
      return { task: items[one.item]!.task, probability: equal(one) ? chance : 1 };
    });
  }

  const teacher = createTeacher<T>({
    type,
    seed,
    signal,
    saved,
    options: { items: checksum(JSON.stringify(items)), range: [low, high], start, stepSize, sensitivity, targetReward },
    method: {
      draw,
      learn(told) {
        const meanReward = told.reduce((sum, { signal }) => sum + signal, 0) / told.length;
        const moved = target + stepSize * Math.tanh(sensitivity * (meanReward - targetReward));
        target = Math.min(high, Math.max(low, moved));
      },
      save: () => ({ target, asks, usedAt: [...usedAt] }),
      load(data) {
        const state = data as { target: number; asks: number; usedAt: number[] };
        [target, asks] = [state.target, state.asks];
        for (const [i, at] of state.usedAt.entries()) usedAt[i] = at;
      },
    },
  });
  return {
    ...teacher,
    get diagnostics() {
      return { ...teacher.diagnostics, target };
    },
  };
}

/** The first of sorted items that is at least as difficult as `target`, by binary search. */
function firstAtLeast(items: readonly { readonly difficulty: number }[], target: number): number {
  let [from, to] = [0, items.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (items[middle]!.difficulty < target) from = middle + 1;
    else to = middle;
  }
  return from;
}
