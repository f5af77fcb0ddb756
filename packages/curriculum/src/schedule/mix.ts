import { type Schedule, scheduleValue } from "@x/core";
import { checkFilled, checkValue } from "../checks.js";
import { createTeacher, type Draw } from "../teacher/create-teacher.js";
import type { Feedback, Teacher, TeacherState, Ticket, Told } from "../teacher/teacher.js";

/** A teacher among others. */
export interface MixPart<T> {
  /** Makes it, from its saved state when there is one: `(saved) => createSec(options, saved)`. */
  readonly create: (saved?: TeacherState<T>) => Teacher<T>;
  /** Its weight, at each count of tells: a number or a schedule. */
  readonly weight: number | Schedule;
}

export interface MixOptions<T> {
  readonly seed: number | string;
  readonly parts: readonly MixPart<T>[];
}

/** Which part an open ticket came from, and its number there. */
type Origin = readonly [part: number, ticket: number];

/**
 * A teacher of teachers: each ticket comes from one of them, drawn by weight, and its result goes back to that one.
 *
 *   P(task) = wᵢ(step) / Σ w(step) · Pᵢ(task)
 *
 * Weights that are schedules make a sequence (`piecewise`, 1 and 0) or a slow change (`linear`). Results are told to copies
 * of the parts first, so that nothing changes when one of them refuses.
 *
 * @param saved - state of a mix made with the same weights and of the same teachers; it holds theirs.
 * @throws ValueError for no parts and a weight that is negative, not finite, or 0 for all at some step; else as its parts.
 * @throws StateError for state that is damaged or was made with other options.
 */
export function createMix<T>({ seed, parts }: MixOptions<T>, saved?: TeacherState<T>): Teacher<T> {
  const type = "createMix";
  checkFilled(type, "parts", parts);
  weightsAt(0);
  let teachers = saved === undefined ? parts.map(({ create }) => create()) : [];
  let origins = new Map<number, Origin>();
  let [step, drawn] = [0, 0];

  function weightsAt(step: number): number[] {
    const weights = parts.map(({ weight }) => scheduleValue(weight, step));
    for (const [i, w] of weights.entries()) checkValue(type, "weight", w, "≥ 0", w >= 0, i);
    const total = weights.reduce((sum, w) => sum + w, 0);
    checkValue(type, "weight", total, `of a positive sum at step ${step}`, total > 0);
    return weights.map((w) => w / total);
  }

  /** Asks each part for its count; when one cannot give it, the others take theirs back. */
  function askAll(counts: readonly number[]): Ticket<T>[][] {
    const asked: Ticket<T>[][] = [];
    try {
      for (const [part, count] of counts.entries()) asked.push(count === 0 ? [] : teachers[part]!.ask(count));
    } catch (error) {
      for (const [part, tickets] of asked.entries()) teachers[part]!.cancel(tickets.map(({ id }) => id));
      throw error;
    }
    return asked;
  }

  /** What each part is to be told. */
  function byPart(told: readonly Told<T>[]): Feedback[][] {
    const results: Feedback[][] = parts.map(() => []);
    for (const { ticket, feedback } of told) {
      const [part, id] = origins.get(ticket.id)!;
      results[part]!.push({ ...feedback, ticket: id });
    }
    return results;
  }

  return createTeacher<T>({
    type,
    seed,
    signal: () => 0,
    saved,
    options: { weights: parts.map(({ weight }) => weight) },
    method: {
      draw(n, rng) {
        const weights = weightsAt(step);
        const chosen = Array.from({ length: n }, () => rng.categorical(weights));
        const tickets = askAll(teachers.map((_, part) => chosen.filter((other) => other === part).length));
        return chosen.map((part): Draw<T> => {
          const { id, task, probability } = tickets[part]!.shift()!;
          origins.set(drawn++, [part, id]);
          return { task, probability: weights[part]! * probability };
        });
      },
      check(told) {
        for (const [part, results] of byPart(told).entries())
          if (results.length > 0) parts[part]!.create(teachers[part]!.toJSON()).tell(results);
      },
      close(tickets, why) {
        if (why === "told") return; // `learn` still needs to know where they came from
        for (const { id } of tickets) {
          const [part, ticket] = origins.get(id)!;
          teachers[part]!.cancel([ticket]);
          origins.delete(id);
        }
      },
      learn(told) {
        for (const [part, results] of byPart(told).entries()) teachers[part]!.tell(results);
        for (const { ticket } of told) origins.delete(ticket.id);
        step++;
      },
      save: () => ({ step, drawn, origins: [...origins], parts: teachers.map((teacher) => teacher.toJSON()) }),
      load(data) {
        const state = data as { step: number; drawn: number; origins: [number, Origin][]; parts: TeacherState<T>[] };
        [step, drawn, origins] = [state.step, state.drawn, new Map(state.origins)];
        teachers = parts.map(({ create }, part) => create(state.parts[part]));
      },
    },
  });
}
