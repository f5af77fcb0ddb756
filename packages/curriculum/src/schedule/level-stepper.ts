import { checkFilled, checkInteger, checkValue } from "../checks.js";
import { createTeacher } from "../teacher/create-teacher.js";
import type { SignalKind } from "../teacher/signal.js";
import type { Diagnostics, Teacher, TeacherState } from "../teacher/teacher.js";

export interface LevelStepperOptions<T> {
  readonly seed: number | string;
  /** One task a level, easiest first. */
  readonly levels: readonly T[];
  /** Level to start at, counted from 0; default 0. */
  readonly start?: number;
  /** Scores in the window; default 20. */
  readonly window?: number;
  /** Mean score above which the level goes up; default 0.7. */
  readonly raise?: number;
  /** Mean score below which it goes down; default 0.3. */
  readonly lower?: number;
  /** How many levels, the current and those below it, are drawn from, evenly; default 1, the current only. */
  readonly breadth?: number;
  /** The score of a result; default `"reward"`. */
  readonly signal?: SignalKind;
}

export interface LevelStepperDiagnostics extends Diagnostics {
  /** The current level, counted from 0. */
  readonly level: number;
}

/**
 * Moves one level up when the mean of the last `window` scores is above `raise`, one down when it is below `lower`. The rule
 * of Reasoning Gym, except that the window is emptied at each step and only takes up tickets drawn since: old scores
 * do not move the level twice.
 *
 * @param saved - state of a teacher made with the same options.
 * @throws ValueError for an option outside its domain.
 * @throws StateError for state that is damaged or was made with other options.
 */
export function createLevelStepper<T>(
  options: LevelStepperOptions<T>,
  saved?: TeacherState<T>,
): Teacher<T, LevelStepperDiagnostics> {
  const type = "createLevelStepper";
  const { seed, levels, start = 0, window = 20, raise = 0.7, lower = 0.3, breadth = 1, signal = "reward" } = options;
  checkFilled(type, "levels", levels);
  checkInteger(type, "start", start, 0, levels.length - 1);
  checkInteger(type, "window", window, 1);
  checkValue(type, "raise", raise, "finite", Number.isFinite(raise));
  checkValue(type, "lower", lower, `finite and at most raise (${raise})`, Number.isFinite(lower) && lower <= raise);
  checkInteger(type, "breadth", breadth, 1, levels.length);

  let level = start;
  let scores: number[] = [];
  let [drawn, since] = [0, 0]; // the next ticket, and the first of this level

  function score(x: number): void {
    scores = [...scores, x].slice(-window);
    if (scores.length < window) return;
    const mean = scores.reduce((sum, s) => sum + s, 0) / window;
    const next = Math.min(levels.length - 1, Math.max(0, level + (mean > raise ? 1 : mean < lower ? -1 : 0)));
    if (next === level) return;
    [level, scores, since] = [next, [], drawn];
  }

  const teacher = createTeacher<T>({
    type,
    seed,
    signal,
    saved,
    options: { levels, start, window, raise, lower, breadth },
    method: {
      draw(n, rng) {
        drawn += n;
        const easiest = Math.max(0, level - breadth + 1);
        const count = level - easiest + 1;
        return Array.from({ length: n }, () => ({ task: levels[easiest + rng.int(count)]!, probability: 1 / count }));
      },
      learn(told) {
        for (const { ticket, signal } of told) if (ticket.id >= since) score(signal);
      },
      save: () => ({ level, scores, drawn, since }),
      load(data) {
        const state = data as { level: number; scores: readonly number[]; drawn: number; since: number };
        [level, scores, drawn, since] = [state.level, [...state.scores], state.drawn, state.since];
      },
    },
  });
  return {
    ...teacher,
    get diagnostics() {
      return { ...teacher.diagnostics, level };
    },
  };
}
