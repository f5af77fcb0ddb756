import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDifficultyTarget, type DifficultyTargetOptions } from "../../src/schedule/index.js";
import { expectClose } from "../expect-close.js";
import { expectResume } from "../expect-resume.js";
import { expectValueError } from "../expect-value-error.js";

const itemsOf = (difficulties: readonly number[]) => difficulties.map((difficulty, task) => ({ task, difficulty }));
const hundred = itemsOf(Array.from({ length: 101 }, (_, d) => d));
const create = (options: Partial<DifficultyTargetOptions<number>> = {}) =>
  createDifficultyTarget({ seed: 1, items: hundred, ...options });

function tell(teacher: ReturnType<typeof create>, ...rewards: number[]): number {
  const tickets = teacher.ask(rewards.length);
  teacher.tell(tickets.map(({ id }, i) => ({ ticket: id, rewards: [rewards[i]!] })));
  return teacher.diagnostics.target;
}

describe("createDifficultyTarget", () => {
  it("moves by η·tanh(α(R̄ − β)): not at all at R̄ = β, by 38.08 at R̄ = 1, within the range", () => {
    const teacher = create();
    expect(tell(teacher, 1, 0)).toBe(0);
    expectClose(tell(teacher, 1, 1), 50 * Math.tanh(1), { rtol: 1e-15 });
    expect(teacher.diagnostics.target).toBeCloseTo(38.08, 2);
    expectClose(tell(teacher, 1, 0.5, 0.75, 0.75), 50 * Math.tanh(1) + 50 * Math.tanh(0.5), { rtol: 1e-15 });
    tell(teacher, 1);
    expect(tell(teacher, 1)).toBe(100);
    for (let i = 0; i < 3; i++) tell(teacher, 0);
    expect(teacher.diagnostics.target).toBe(0);
  });

  it("takes η, α, β, range and start from its options", () => {
    const teacher = create({ stepSize: 3, sensitivity: 4, targetReward: 0.25, range: [10, 60], start: 20 });
    expectClose(tell(teacher, 0.5), 20 + 3 * Math.tanh(1), { rtol: 1e-15 });
    for (let i = 0; i < 9; i++) tell(teacher, 0);
    expect(teacher.diagnostics.target).toBe(10);
  });

  it("draws the n nearest, as a full sort finds them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 }),
        fc.double({ min: -3, max: 23, noNaN: true }),
        fc.nat(39),
        (difficulties, start, n) => {
          const count = 1 + (n % difficulties.length);
          const teacher = create({ items: itemsOf(difficulties), range: [-3, 23], start });
          const drawn = teacher.ask(count).map(({ task }) => task);
          expect(new Set(drawn).size).toBe(count);
          const distance = (task: number) => Math.abs(difficulties[task]! - start);
          const sorted = difficulties.map((_, task) => distance(task)).sort((a, b) => a - b);
          expectClose(drawn.map(distance), sorted.slice(0, count), { atol: 1e-12 });
        },
      ),
    );
  });

  it("goes round among equals before it repeats one, and states the chance of the last choice", () => {
    const teacher = create({ items: itemsOf([5, 5, 5, 5, 5, 9]), start: 5 });
    const first = teacher.ask(2);
    expect(first.map(({ probability }) => probability)).toEqual([0.4, 0.4]);
    const second = teacher.ask(2); // 2 of the 3 that were not drawn
    expect(second.map(({ probability }) => probability)).toEqual([2 / 3, 2 / 3]);
    const third = teacher.ask(2); // the one left, and 1 of the 2 of the first draw
    expect(third.map(({ probability }) => probability)).toEqual([1, 0.5]);
    const seen = [...first, ...second, third[0]!].map(({ task }) => task);
    expect(new Set(seen).size).toBe(5);
    expect(first.map(({ task }) => task)).toContain(third[1]!.task);
  });

  it("chooses evenly among equals: each of four in 1000 ± 4 standard errors of 4000 first draws", () => {
    const counts = [0, 0, 0, 0];
    for (let seed = 0; seed < 4000; seed++) counts[create({ seed, items: itemsOf([1, 1, 1, 1]) }).ask()[0]!.task]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(750));
  });

  it("goes on from its JSON bit for bit", () => {
    expectResume<number>(
      (seed, saved) => createDifficultyTarget({ seed, items: itemsOf(hundred.map((_, i) => i % 12)) }, saved),
      (task, random) => [random() < 1 / (1 + (task % 12)) ? 1 : 0],
    );
  });

  it("refuses state made with other items", () => {
    const state = create().toJSON();
    expect(() =>
      createDifficultyTarget({ seed: 1, items: hundred.slice(1), range: [0, 100], start: 0 }, state),
    ).toThrow("state was made with items");
  });

  it("refuses to draw more than there is, and stays as it was", () => {
    const teacher = create({ items: itemsOf([1, 2]) });
    const before = JSON.stringify(teacher);
    expectValueError(() => teacher.ask(3), { argument: "n", value: 3, message: "at most 2, the number of items" });
    expect(JSON.stringify(teacher)).toBe(before);
  });

  it.each<[Partial<DifficultyTargetOptions<number>>, { argument: string; index?: number; value?: unknown }]>([
    [{ items: [] }, { argument: "items", value: 0 }],
    [{ items: itemsOf([1, Number.NaN]) }, { argument: "items", index: 1 }],
    [{ range: [3, 2] }, { argument: "range", value: 3 }],
    [{ start: 101 }, { argument: "start", value: 101 }],
    [{ stepSize: 0 }, { argument: "stepSize", value: 0 }],
    [{ sensitivity: -1 }, { argument: "sensitivity", value: -1 }],
    [{ targetReward: Number.NaN }, { argument: "targetReward" }],
  ])("refuses %j", (options, details) => {
    expectValueError(() => create(options), { ...details, message: /^createDifficultyTarget: / });
  });
});
