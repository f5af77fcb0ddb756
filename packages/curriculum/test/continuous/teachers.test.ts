import { createRng, StateError } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ContinuousOptions,
  type ContinuousTeacher,
  createAlpGmm,
  createCovarGmm,
  createRandomTeacher,
  createRiac,
} from "../../src/continuous/index.js";
import type { TeacherState } from "../../src/teacher/index.js";
import { expectValueError } from "../expect-value-error.js";

const box = { low: [0, -3], high: [1, 3] };
type Create = (options: ContinuousOptions, saved?: TeacherState<number[]>) => ContinuousTeacher;

/** Every teacher with settings that let a few hundred results reach all of it. */
const teachers: [string, Create][] = [
  ["createAlpGmm", (o, s) => createAlpGmm({ ...o, fitRate: 40, components: [2, 3], maxHistory: 100 }, s)],
  ["createCovarGmm", (o, s) => createCovarGmm({ ...o, fitRate: 40, components: [2, 3], bounds: "reject" }, s)],
  ["createRiac", (o, s) => createRiac({ ...o, maxRegionSize: 30 }, s)],
  ["createRandomTeacher", createRandomTeacher],
];

/** Some rounds of asking, telling a part, late and in any order, and cancelling. Everything that was asked. */
function play(teacher: ContinuousTeacher, seed: string, rounds: number) {
  const rng = createRng(seed);
  const asked: unknown[] = [];
  for (let round = 0; round < rounds; round++) {
    asked.push(...teacher.ask(1 + rng.int(12)));
    const open = rng.shuffle([...teacher.toJSON().open]);
    const told = open.splice(0, rng.int(open.length + 1));
    teacher.tell(told.map(({ id, task }) => ({ ticket: id, rewards: [task[0]! * task[1]! + rng.normal() / 10, 0] })));
    if (open.length > 20) teacher.cancel(open.slice(0, 5).map(({ id }) => id));
  }
  return asked;
}

describe.each(teachers)("%s", (_, create) => {
  it("goes on from its JSON in the middle of work, open tickets included, bit for bit", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 40 }), (seed, cut) => {
        const whole = create({ box, seed });
        play(whole, "before", cut);
        whole.ask(3);
        const state = JSON.parse(JSON.stringify(whole.toJSON()));
        const again = create({ box, seed }, state);
        expect(again.toJSON()).toEqual(whole.toJSON());
        expect(again.diagnostics).toEqual(whole.diagnostics);
        expect(play(again, "after", 40)).toEqual(play(whole, "after", 40));
        expect(again.toJSON()).toEqual(whole.toJSON());
        expect(again.diagnostics).toEqual(whole.diagnostics);
      }),
      { numRuns: 6 },
    );
  });

  it("gives out a state that later results leave as it is", () => {
    const teacher = create({ box, seed: 1 });
    play(teacher, "before", 20);
    const state = teacher.toJSON();
    const text = JSON.stringify(state);
    play(teacher, "after", 20);
    expect(JSON.stringify(state)).toBe(text);
  });

  it("learns the same from a batch told in any order", () => {
    const [a, b] = [1, 2].map(() => create({ box, seed: 2 }));
    for (let round = 0; round < 4; round++) {
      const results = a!.ask(50).map(({ id, task }) => ({ ticket: id, signal: task[0]! }));
      b!.ask(50);
      a!.tell(results);
      b!.tell([...results].reverse());
    }
    expect(b!.toJSON()).toEqual(a!.toJSON());
  });

  it.each<[string, (task: readonly number[]) => number]>([
    ["constant rewards", () => 1],
    ["rewards of 0", () => 0],
    ["huge rewards", ([x]) => (x! > 0.5 ? 1e100 : -1e100)],
    ["tiny rewards", ([x]) => 5e-324 * x!],
  ])("lives through %s", (_, reward) => {
    const teacher = create({ box, seed: 3 });
    for (let round = 0; round < 8; round++)
      teacher.tell(teacher.ask(50).map(({ id, task }) => ({ ticket: id, signal: reward(task) })));
    for (const { task, probability } of teacher.ask(100)) {
      expect(task.every((x, i) => x >= box.low[i]! && x <= box.high[i]!)).toBe(true);
      expect(probability > 0 && probability < Infinity).toBe(true);
    }
    const state = JSON.parse(JSON.stringify(teacher.toJSON()));
    expect(create({ box, seed: 3 }, state).toJSON()).toEqual(teacher.toJSON());
  });

  it("lives through tasks that are all one spot", () => {
    // A box so thin that its points are few: 1 + 2 ε is the widest it gets.
    const thin = { low: [1], high: [1 + 2 * Number.EPSILON] };
    const teacher = create({ box: thin, seed: 4 });
    for (let round = 0; round < 8; round++)
      teacher.tell(teacher.ask(50).map(({ id }) => ({ ticket: id, signal: id % 3 })));
    expect(teacher.ask(20).every(({ task: [x] }) => x! >= 1 && x! <= thin.high[0]!)).toBe(true);
  });

  it("refuses state of other options and of other teachers", () => {
    const state = create({ box, seed: 5 }).toJSON();
    expect(() => create({ box, seed: 6 }, state)).toThrow(StateError);
    expect(() => create({ box: { low: [0, -3], high: [1, 4] }, seed: 5 }, state)).toThrow(StateError);
    const [, other] = teachers.find(([name]) => name !== state.type)!;
    expect(() => other({ box, seed: 5 }, state)).toThrow(StateError);
  });

  it("refuses a result without a finite reward, and changes nothing", () => {
    const teacher = create({ box, seed: 7 });
    teacher.ask(2);
    const before = teacher.toJSON();
    const results = [0, 1].map((ticket) => ({ ticket, signal: ticket === 0 ? 1 : Number.NaN }));
    expectValueError(() => teacher.tell(results), { argument: "signal", index: 1, value: Number.NaN });
    expect(teacher.toJSON()).toEqual(before);
  });
});
