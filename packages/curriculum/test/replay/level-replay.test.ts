import { type Rng, StateError } from "@x/core";
import { describe, expect, it } from "vitest";
import {
  createLevelReplay,
  type LevelReplayOptions,
  type LevelTask,
  replayProbabilities,
} from "../../src/replay/index.js";
import { expectClose } from "../expect-close.js";
import { expectResume } from "../expect-resume.js";
import { expectValueError } from "../expect-value-error.js";

/** Levels 0, 1, 2 … in the order of making. */
function counter() {
  let next = 0;
  return () => next++;
}

const anyOf = (levels: number) => (rng: Rng) => rng.int(levels);
const create = (options: Partial<LevelReplayOptions<number>> = {}) =>
  createLevelReplay<number>({ seed: 1, generate: counter(), capacity: 4, signal: "reward", ...options });

/** A full memory: levels 0 … n − 1 of these scores, drawn in this order. */
function filled(scores: number[], options: Partial<LevelReplayOptions<number>> = {}) {
  const teacher = create({ capacity: scores.length, ...options });
  const tickets = teacher.ask(scores.length);
  teacher.tell(tickets.map(({ id, task }) => ({ ticket: id, signal: scores[task.level]! })));
  return teacher;
}

/** What the memory holds: level → score. */
function memory(teacher: ReturnType<typeof create>): Record<number, number> {
  const { entries } = teacher.toJSON().data as { entries: [number, number, number][] };
  return Object.fromEntries(entries.map(([level, score]) => [level, score]));
}

describe("createLevelReplay", () => {
  it("makes fresh levels until the memory is as full as minFill says, then replays", () => {
    const teacher = create({ capacity: 10, minFill: 0.3, replayProbability: 1 });
    expect(teacher.ask(4).map(({ task, probability }) => [task.level, probability])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
    teacher.tell([0, 1].map((ticket) => ({ ticket, signal: 1 })));
    expect(teacher.diagnostics.fill).toBe(0.2);
    expect(teacher.ask()[0]!.task.level).toBe(4);
    teacher.tell([{ ticket: 2, signal: 1 }]);
    for (const { task } of teacher.ask(20)) expect(task.level).toBeLessThan(3);
  });

  it("never replays from an empty memory, even with minFill 0", () => {
    expect(
      create({ minFill: 0, replayProbability: 1 })
        .ask(3)
        .map(({ task }) => task.level),
    ).toEqual([0, 1, 2]);
  });

  it("draws with the probability that its tickets state", () => {
    const options = { transform: "power", temperature: 1, stalenessCoefficient: 0, replayProbability: 0.8 } as const;
    const teacher = filled([1, 2, 3, 4], options);
    const tickets = teacher.ask(20_000);
    for (const level of [0, 1, 2, 3]) {
      const drawn = tickets.filter(({ task }) => task.level === level);
      const p = (0.8 * (level + 1)) / 10;
      expectClose(drawn[0]!.probability, p, { rtol: 1e-14 });
      expect(Math.abs(drawn.length / 20_000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 20_000));
    }
    expectClose(tickets.find(({ task }) => task.level > 3)!.probability, 0.2, { rtol: 1e-14 });
  });

  it("replays in proportion to the fill, when asked to", () => {
    const teacher = create({ capacity: 8, minFill: 0.2, schedule: "proportionate" });
    teacher.ask(2);
    teacher.tell([0, 1].map((ticket) => ({ ticket, signal: 1 })));
    const fresh = teacher.ask(4000).filter(({ task }) => task.level > 1);
    expect(fresh[0]!.probability).toBe(0.75);
    expect(Math.abs(fresh.length / 4000 - 0.75)).toBeLessThan(4 * Math.sqrt(0.1875 / 4000));
  });

  it("goes round in the order of last drawing, when only staleness counts and one level is much older", () => {
    const teacher = filled([1, 1, 1], { stalenessCoefficient: 1, replayProbability: 1 });
    // 3 draws so far, at 1, 2, 3: ages 2, 1, 0; each draw makes the others one older and its own 0
    const drawnAt = [1, 2, 3];
    for (const { task, probability } of teacher.ask(50)) {
      const now = Math.max(...drawnAt);
      const ages = drawnAt.map((at) => now - at);
      const p = replayProbabilities([1, 1, 1], ages, { stalenessCoefficient: 1 });
      expectClose(probability, p[task.level]!, { rtol: 1e-14 });
      expect(ages[task.level]).toBeGreaterThan(0);
      drawnAt[task.level] = now + 1;
    }
  });

  it("puts a fresh level in the place of the least probable, only if it scores higher", () => {
    const teacher = filled([5, 1, 3], { stalenessCoefficient: 0, replayProbability: 0 });
    const [a, b, c] = teacher.ask(3);
    teacher.tell([{ ticket: a!.id, signal: 1 }]);
    expect(memory(teacher)).toEqual({ 0: 5, 1: 1, 2: 3 });
    teacher.tell([{ ticket: b!.id, signal: 2 }]);
    expect(memory(teacher)).toEqual({ 0: 5, [b!.task.level]: 2, 2: 3 });
    teacher.tell([{ ticket: c!.id, signal: 9 }]);
    expect(memory(teacher)).toEqual({ 0: 5, [c!.task.level]: 9, 2: 3 });
  });

  it("takes the latest score of a level, whether replayed or made again", () => {
    const teacher = filled([5, 1, 3], { replayProbability: 1 });
    const [ticket] = teacher.ask();
    teacher.tell([{ ticket: ticket!.id, signal: 0.5 }]);
    expect(memory(teacher)[ticket!.task.level]).toBe(0.5);
    const again = create({ generate: () => 7 });
    again.tell(again.ask(2).map(({ id }) => ({ ticket: id, signal: id })));
    expect(memory(again)).toEqual({ 7: 1 });
  });

  it("tells levels apart by their key", () => {
    const options = {
      seed: 1,
      capacity: 4,
      signal: "reward",
      generate: (rng: Rng) => ({ size: 3, salt: rng.float() }),
    } as const;
    const teacher = createLevelReplay({ ...options, key: ({ size }) => `size ${size}` });
    teacher.tell(teacher.ask(3).map(({ id }) => ({ ticket: id, signal: id })));
    expect(teacher.diagnostics.fill).toBe(0.25);
  });

  it("says not to train on fresh levels, when robust", () => {
    const robust = filled([1, 2], { trainOnNew: false, replayProbability: 0.5 });
    for (const { task } of robust.ask(50)) expect(task.train).toBe(task.level < 2);
    expect(create().ask()[0]!.task.train).toBe(true);
  });

  it("scores by the mean absolute advantage unless told otherwise", () => {
    const teacher = createLevelReplay<number>({ seed: 1, generate: counter(), capacity: 1 });
    teacher.ask();
    teacher.tell([{ ticket: 0, advantages: [1, -2, 0] }]);
    expect(memory(teacher)).toEqual({ 0: 1 });
  });

  it.each(["rank", "power", "softmax", "max", "constant"] as const)(
    "goes on from its JSON bit for bit (%s)",
    (transform) => {
      expectResume<LevelTask<number>>(
        (seed, saved) =>
          createLevelReplay<number>(
            { seed, generate: anyOf(60), capacity: 20, minFill: 0.5, transform, signal: "learnability" },
            saved,
          ),
        ({ level }, random) => [0, 1, 2, 3].map(() => (random() < level / 60 ? 1 : 0)),
      );
    },
  );

  it("refuses a negative score under power, and stays as it was", () => {
    const teacher = create({ transform: "power" });
    teacher.ask(2);
    const before = JSON.stringify(teacher);
    expectValueError(() => teacher.tell([0, -1].map((signal, ticket) => ({ ticket, signal }))), {
      argument: "signal",
      index: 1,
      value: -1,
    });
    expect(JSON.stringify(teacher)).toBe(before);
  });

  it.each<[Partial<LevelReplayOptions<number>>, string]>([
    [{ capacity: 0 }, "capacity"],
    [{ capacity: 2.5 }, "capacity"],
    [{ replayProbability: 1.5 }, "replayProbability"],
    [{ minFill: -0.1 }, "minFill"],
    [{ temperature: 0 }, "temperature"],
    [{ stalenessCoefficient: Number.NaN }, "stalenessCoefficient"],
    [JSON.parse('{"transform":"best"}'), "transform"],
    [JSON.parse('{"schedule":"often"}'), "schedule"],
  ])("refuses %j", (options, argument) => {
    expectValueError(() => create(options), {
      argument,
      value: Object.values(options)[0],
      message: /^createLevelReplay: /,
    });
  });

  it("refuses state of other options", () => {
    const state = create().toJSON();
    expect(() => createLevelReplay({ seed: 1, generate: counter(), capacity: 5, signal: "reward" }, state)).toThrow(
      StateError,
    );
  });
});
