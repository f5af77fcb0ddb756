import { checkFilled, checkInteger, checkShare, checkValue } from "../checks.js";
import { createTeacher } from "../teacher/create-teacher.js";
import type { Teacher, TeacherState } from "../teacher/teacher.js";

/**
 * An order of tasks that knows nothing of the learner.
 *
 * - `uniform`: all alike, always
 * - `easyToHard`, `hardToEasy`: one after the other in equal blocks
 * - `mixed`: blocks of the first, the first two, … all, evenly (the baseline of TSCL)
 * - `linearMix`: mostly the first, less and less so; all alike half-way; mostly the last
 */
export type Order = "uniform" | "easyToHard" | "hardToEasy" | "mixed" | "linearMix";

/**
 * The probability of each of K tasks, easiest first (k = 0), when the share x of the run is over.
 *
 *   easyToHard: 1 at k = min(⌊xK⌋, K − 1) · mixed: even over k ≤ min(⌊xK⌋, K − 1) · linearMix: ∝ (1 − x)·(K − k) + x·(k + 1)
 *
 * @param progress - x in [0, 1].
 * @throws ValueError for an unknown order, a count that is no positive integer and a progress outside [0, 1].
 * @paper 1707.00183 mixed curriculum
 */
export function orderShares(order: Order, tasks: number, progress: number): number[] {
  checkOrder("orderShares", order);
  checkInteger("orderShares", "tasks", tasks, 1);
  checkShare("orderShares", "progress", progress);
  const block = Math.min(Math.floor(progress * tasks), tasks - 1);
  const weight = {
    uniform: () => 1,
    easyToHard: (k: number) => (k === block ? 1 : 0),
    hardToEasy: (k: number) => (k === tasks - 1 - block ? 1 : 0),
    mixed: (k: number) => (k <= block ? 1 : 0),
    linearMix: (k: number) => (1 - progress) * (tasks - k) + progress * (k + 1),
  }[order];
  const weights = Array.from({ length: tasks }, (_, k) => weight(k));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

export interface FixedOrderOptions<T> {
  readonly seed: number | string;
  /** Tasks or names of categories, easiest first. */
  readonly tasks: readonly T[];
  readonly order: Order;
  /** How many times the teacher will be told in all; from then on the order stays at its end. */
  readonly steps: number;
}

/**
 * A teacher that keeps to an order: draws by `orderShares` with x = times told / steps. Baselines need the true number of
 * steps; what is told does not matter to them.
 *
 * @param saved - state of a teacher made with the same options.
 * @throws ValueError for an option outside its domain.
 * @throws StateError for state that is damaged or was made with other options.
 */
export function createFixedOrder<T>(
  { seed, tasks, order, steps }: FixedOrderOptions<T>,
  saved?: TeacherState<T>,
): Teacher<T> {
  const type = "createFixedOrder";
  checkFilled(type, "tasks", tasks);
  checkOrder(type, order);
  checkInteger(type, "steps", steps, 1);
  let step = 0;
  return createTeacher<T>({
    type,
    seed,
    signal: () => 0,
    saved,
    options: { tasks, order, steps },
    method: {
      draw(n, rng) {
        const shares = orderShares(order, tasks.length, Math.min(1, step / steps));
        return Array.from({ length: n }, () => {
          const k = rng.categorical(shares);
          return { task: tasks[k]!, probability: shares[k]! };
        });
      },
      learn() {
        step++;
      },
      save: () => step,
      load(data) {
        step = data as number;
      },
    },
  });
}

function checkOrder(caller: string, order: Order): void {
  const orders = ["uniform", "easyToHard", "hardToEasy", "mixed", "linearMix"];
  checkValue(caller, "order", order, `one of ${orders.join(", ")}`, orders.includes(order));
}
