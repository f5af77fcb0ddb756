import { createRng } from "@x/core";
import fc from "fast-check";
import { expect } from "vitest";
import type { Teacher, TeacherState, Ticket } from "../src/teacher/teacher.js";

/**
 * Asserts that a teacher goes on from its JSON bit for bit: 500 moves (ask, tell some of what is open in any order, cancel)
 * in one go, against 250, through JSON and into a new teacher with tickets open, then 250 more.
 */
export function expectResume<T>(
  create: (seed: number, saved?: TeacherState<T>) => Teacher<T>,
  rewards: (task: T, random: () => number) => number[],
): void {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const [whole, cut] = [create(seed), create(seed)];
      const log = [play(whole, seed, rewards, 250), play(cut, seed, rewards, 250)];
      expect(log[1]).toEqual(log[0]);
      expect(cut.diagnostics.open).toBeGreaterThan(0);
      const text = JSON.stringify(cut);
      const resumed = create(seed, JSON.parse(text));
      expect(JSON.stringify(resumed)).toBe(text);
      expect(play(resumed, seed + 1, rewards, 250)).toEqual(play(whole, seed + 1, rewards, 250));
      expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
      expect(resumed.diagnostics).toEqual(whole.diagnostics);
    }),
    { numRuns: 8 },
  );
}

/** The tickets of `moves` moves; what is open is known from the teacher's own state. */
function play<T>(
  teacher: Teacher<T>,
  seed: number,
  rewards: (task: T, random: () => number) => number[],
  moves: number,
): Ticket<T>[] {
  const rng = createRng(seed);
  const log: Ticket<T>[] = [];
  let open = [...teacher.toJSON().open];
  for (let move = 0; move < moves; move++) {
    const asked = teacher.ask(1 + rng.int(3));
    log.push(...asked);
    open = rng.shuffle([...open, ...asked]);
    const told = open.splice(0, rng.int(open.length)); // at least one stays open
    teacher.tell(told.map(({ id, task }) => ({ ticket: id, rewards: rewards(task, rng.float) })));
    if (open.length > 1 && rng.float() < 0.1) teacher.cancel([open.pop()!.id]);
  }
  return log;
}
