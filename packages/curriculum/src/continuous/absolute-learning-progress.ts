/** What `createProgressHistory` remembers, as plain JSON. */
export interface ProgressHistoryState {
  /** `[n, d]`. */
  readonly tasks: readonly number[];
  /** `[n]`. */
  readonly rewards: readonly number[];
}

export interface ProgressHistory {
  /** Absolute learning progress of a task with this reward, which then joins the history. */
  add(task: ArrayLike<number>, reward: number): number;
  save(): ProgressHistoryState;
}

/**
 * Absolute learning progress against the nearest task told before.
 *
 *   ALP = |reward − reward of the nearest task|,  0 while at most 5 tasks are known
 *
 * Of tasks at the same distance the latest counts, so that a task that comes again and again shows what was learnt last. The
 * nearest is found by looking at all.
 *
 * @param limit - how many of the latest tasks are kept; Infinity for all.
 * @paper 1910.07224 algorithm ALP-GMM
 */
export function createProgressHistory(dim: number, limit: number, saved?: ProgressHistoryState): ProgressHistory {
  let tasks = Float64Array.from(saved?.tasks ?? []);
  let rewards = Float64Array.from(saved?.rewards ?? []);
  let end = rewards.length;
  const start = () => Math.max(0, end - limit);

  /** Moves the kept tasks to the front of arrays twice their number. */
  function makeRoom(): void {
    const kept = end - start();
    const [from, size] = [start(), Math.max(64, 2 * kept)];
    const [oldTasks, oldRewards] = [tasks, rewards];
    tasks = new Float64Array(size * dim);
    rewards = new Float64Array(size);
    tasks.set(oldTasks.subarray(from * dim, end * dim));
    rewards.set(oldRewards.subarray(from, end));
    end = kept;
  }

  /** The nearest task, the latest of several. */
  function nearest(task: ArrayLike<number>): number {
    let least = Number.POSITIVE_INFINITY;
    let found = -1;
    for (let row = start(), at = row * dim; row < end; row++, at += dim) {
      let square = 0;
      for (let i = 0; i < dim; i++) {
        const difference = tasks[at + i]! - task[i]!;
        square += difference * difference;
      }
      if (square <= least) {
        least = square;
        found = row;
      }
    }
    return found;
  }

  return {
    add(task, reward) {
      const progress = end - start() > 5 ? Math.abs(reward - rewards[nearest(task)]!) : 0;
      if (end === rewards.length) makeRoom();
      tasks.set(task, end * dim);
      rewards[end++] = reward;
      return progress;
    },
    save: () => ({
      tasks: Array.from(tasks.subarray(start() * dim, end * dim)),
      rewards: Array.from(rewards.subarray(start(), end)),
    }),
  };
}
