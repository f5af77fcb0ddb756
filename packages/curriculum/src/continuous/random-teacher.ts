import { createTeacher } from "../teacher/create-teacher.js";
import type { TeacherState } from "../teacher/teacher.js";
import { type ContinuousOptions, type ContinuousTeacher, checkBox, uniform, volume } from "./box.js";

/**
 * Draws tasks uniformly from the box, whatever it is told: what the other teachers are measured against.
 *
 * @param saved - state of `toJSON`, to go on from.
 * @throws ValueError for a box that is none.
 * @throws StateError for state of another teacher or other options.
 */
export function createRandomTeacher(options: ContinuousOptions, saved?: TeacherState<number[]>): ContinuousTeacher {
  const type = "createRandomTeacher";
  const { box, seed, signal = "reward" } = options;
  checkBox(type, box);
  const probability = 1 / volume(box);
  return createTeacher<number[]>({
    type,
    seed,
    options: { box },
    signal,
    saved,
    method: {
      draw: (n, rng) => Array.from({ length: n }, () => ({ task: uniform(box, rng), probability })),
      learn() {},
      save: () => null,
      load() {},
    },
  });
}
