import { checkInteger, checkShare } from "../checks.js";
import { createTeacher } from "../teacher/create-teacher.js";
import type { SignalKind } from "../teacher/signal.js";
import type { Teacher, TeacherState } from "../teacher/teacher.js";
import type { Generate, LevelTask } from "./level-task.js";

export interface LearnabilityOptions<L> {
  readonly seed: number | string;
  /** Makes fresh levels. */
  readonly generate: Generate<L>;
  /** N: levels scored in each search (published: 5000, 5 times over, for minigrid). */
  readonly candidates: number;
  /** K: the best of them, kept to learn from (published: 1000 and 100). */
  readonly keep: number;
  /** ρ: probability that a level to learn from is one of the K; else it is fresh. Default 0.5. */
  readonly share?: number;
  /** T: tells about levels to learn from until the next search. */
  readonly refreshEvery: number;
  /** The score of a candidate; default `"learnability"`. */
  readonly signal?: SignalKind;
}

/**
 * Sampling for learnability: in turn
 *
 * - a search, whose tickets are fresh levels only to be scored (`train` is false), p·(1 − p) over several rollouts each,
 *   until N are told;
 * - learning, whose tickets are one of the K candidates of the highest score with probability ρ, else fresh levels, until
 *   told about T times.
 *
 * Answers to a search that is over are not learnt from. Ties of score go to the earlier ticket.
 *
 * Differs from the paper: each ticket is drawn by itself, where there a batch has exactly the share ρ.
 *
 * @param saved - state of a teacher made with the same options.
 * @throws ValueError for an option outside its domain.
 * @throws StateError for state that is damaged or was made with other options.
 * @paper 2408.15099 algorithm 1
 */
export function createLearnability<L>(
  options: LearnabilityOptions<L>,
  saved?: TeacherState<LevelTask<L>>,
): Teacher<LevelTask<L>> {
  const type = "createLearnability";
  const { seed, generate, candidates, keep, share = 0.5, refreshEvery, signal = "learnability" } = options;
  checkInteger(type, "candidates", candidates, 1);
  checkInteger(type, "keep", keep, 1, candidates);
  checkShare(type, "share", share);
  checkInteger(type, "refreshEvery", refreshEvery, 1);

  let found: (readonly [level: L, score: number])[] = []; // of the search that is on
  let best: readonly L[] = []; // of the search before; empty while one is on
  let updates = 0;
  let [drawn, searchedFrom] = [0, 0]; // the next ticket, and the first of the last search

  return createTeacher<LevelTask<L>>({
    type,
    seed,
    signal,
    saved,
    options: { candidates, keep, share, refreshEvery },
    method: {
      draw(n, rng) {
        const train = best.length > 0;
        const draws = Array.from({ length: n }, () => {
          if (train && rng.float() < share) {
            const level = best[rng.int(best.length)]!;
            return { task: { level, train }, probability: share / best.length };
          }
          return { task: { level: generate(rng), train }, probability: train ? 1 - share : 1 };
        });
        drawn += n;
        return draws;
      },
      learn(told) {
        if (best.length === 0) {
          for (const { ticket, signal } of told)
            if (!ticket.task.train && ticket.id >= searchedFrom) found.push([ticket.task.level, signal]);
          if (found.length < candidates) return;
          best = found
            .sort((a, b) => b[1] - a[1])
            .slice(0, keep)
            .map(([level]) => level);
          found = [];
        } else if (told.some(({ ticket }) => ticket.task.train) && ++updates === refreshEvery) {
          best = [];
          updates = 0;
          searchedFrom = drawn;
        }
      },
      save: () => ({ found: [...found], best, updates, drawn, searchedFrom }),
      load(data) {
        const state = data as { found: typeof found; best: typeof best; updates: number } & Record<string, number>;
        found = [...state.found];
        best = state.best;
        [updates, drawn, searchedFrom] = [state.updates, state.drawn!, state.searchedFrom!];
      },
    },
  });
}
