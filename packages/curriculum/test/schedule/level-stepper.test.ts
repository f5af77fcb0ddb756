import { describe, expect, it } from "vitest";
import { createLevelStepper, type LevelStepperOptions } from "../../src/schedule/index.js";
import { expectResume } from "../expect-resume.js";
import { expectValueError } from "../expect-value-error.js";

const levels = ["one", "two", "three", "four"];
const create = (options: Partial<LevelStepperOptions<string>> = {}) =>
  createLevelStepper({ seed: 1, levels, window: 4, ...options });

function tell(teacher: ReturnType<typeof create>, ...rewards: number[]): number {
  const tickets = teacher.ask(rewards.length);
  teacher.tell(tickets.map(({ id }, i) => ({ ticket: id, rewards: [rewards[i]!] })));
  return teacher.diagnostics.level;
}

describe("createLevelStepper", () => {
  it("waits for a full window, then goes up above 0.7 and down below 0.3", () => {
    const teacher = create();
    expect(tell(teacher, 1, 1, 1)).toBe(0);
    expect(tell(teacher, 0)).toBe(1);
    expect(tell(teacher, 0, 0, 1, 0)).toBe(0);
  });

  it("stays between the thresholds, which belong to the middle", () => {
    const teacher = create({ start: 1, window: 2, raise: 0.75, lower: 0.25 });
    expect(tell(teacher, 1, 0.5)).toBe(1);
    expect(tell(teacher, 0)).toBe(1); // 0.5 and 0
    expect(tell(teacher, 0.25)).toBe(0); // 0 and 0.25
  });

  it("slides its window while it stays", () => {
    const teacher = create({ start: 1 });
    tell(teacher, 0, 0, 1, 1);
    expect(tell(teacher, 1)).toBe(2); // 0, 1, 1, 1
  });

  it("empties its window at each step, so that one good window moves one level", () => {
    const teacher = create();
    expect(tell(teacher, 1, 1, 1, 1, 1, 1, 1)).toBe(1);
    expect(tell(teacher, 1)).toBe(1);
    expect(tell(teacher, 1, 1, 1)).toBe(2);
  });

  it("does not count tickets of the level before, told late", () => {
    const teacher = create();
    const early = teacher.ask(8);
    teacher.tell(early.slice(0, 4).map(({ id }) => ({ ticket: id, rewards: [1] })));
    expect(teacher.diagnostics.level).toBe(1);
    teacher.tell(early.slice(4).map(({ id }) => ({ ticket: id, rewards: [1] })));
    expect(teacher.diagnostics.level).toBe(1);
  });

  it("never leaves the levels there are", () => {
    const teacher = create({ window: 1 });
    for (let i = 0; i < 6; i++) tell(teacher, 1);
    expect(teacher.diagnostics.level).toBe(3);
    for (let i = 0; i < 6; i++) tell(teacher, 0);
    expect(teacher.diagnostics.level).toBe(0);
  });

  it("draws the current level and as many below it as its breadth says, evenly", () => {
    expect(
      create({ start: 2 })
        .ask(20)
        .every(({ task, probability }) => task === "three" && probability === 1),
    ).toBe(true);
    const tickets = create({ start: 2, breadth: 2 }).ask(2000);
    expect(new Set(tickets.map(({ task }) => task))).toEqual(new Set(["two", "three"]));
    const upper = tickets.filter(({ task }) => task === "three").length;
    expect(Math.abs(upper / 2000 - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 2000));
    expect(create({ start: 0, breadth: 4 }).ask()[0]).toMatchObject({ task: "one", probability: 1 });
  });

  it("goes on from its JSON bit for bit", () => {
    expectResume<string>(
      (seed, saved) => createLevelStepper({ seed, levels, window: 5, breadth: 2 }, saved),
      (task, random) => [random() < 1 / (1 + levels.indexOf(task)) ? 1 : 0],
    );
  });

  it.each<[Partial<LevelStepperOptions<string>>, string]>([
    [{ levels: [] }, "levels"],
    [{ start: 4 }, "start"],
    [{ window: 0 }, "window"],
    [{ raise: Number.NaN }, "raise"],
    [{ lower: 0.8 }, "lower"],
    [{ breadth: 5 }, "breadth"],
  ])("refuses %j", (options, argument) => {
    expectValueError(() => create(options), { argument, message: /^createLevelStepper: / });
  });
});
