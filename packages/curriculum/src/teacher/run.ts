import { throwIfAborted, ValueError } from "@x/core";
import type { Diagnostics, Feedback, Teacher, Ticket } from "./teacher.js";

/** How long `runCurriculum` goes on. */
export interface RunCurriculumOptions {
  /** Tickets asked a step. */
  readonly batch: number;
  readonly steps: number;
  readonly signal?: AbortSignal;
}

/** One step of `runCurriculum`: the teacher's diagnostics after it. */
export interface RunEvent<D extends Diagnostics = Diagnostics> {
  readonly type: "step";
  readonly step: number;
  readonly total: number;
  readonly data: D;
}

/**
 * Asks, lets `attempt` try, tells, step after step. Stop whenever you like; `teacher.toJSON()` between two events is all
 * that going on needs. When `attempt` throws or the signal fires, the tickets of that step are cancelled.
 *
 * @throws ValueError when `steps` is no positive integer.
 * @throws AbortedError when the signal fires.
 */
export async function* runCurriculum<T, D extends Diagnostics>(
  teacher: Teacher<T, D>,
  attempt: (tickets: readonly Ticket<T>[], signal?: AbortSignal) => Promise<readonly Feedback[]> | readonly Feedback[],
  { batch, steps, signal }: RunCurriculumOptions,
): AsyncGenerator<RunEvent<D>> {
  if (!Number.isSafeInteger(steps) || steps < 1)
    throw new ValueError(`runCurriculum: steps must be a positive integer, got ${steps}`, {
      argument: "steps",
      value: steps,
    });
  for (let step = 1; step <= steps; step++) {
    throwIfAborted(signal);
    const tickets = teacher.ask(batch);
    try {
      const results = await attempt(tickets, signal);
      throwIfAborted(signal);
      teacher.tell(results);
    } catch (error) {
      teacher.cancel(tickets.map((ticket) => ticket.id));
      throw error;
    }
    yield { type: "step", step, total: steps, data: teacher.diagnostics };
  }
}
