import { describe, expect, it } from "vitest";
import { createProgressHistory } from "../../src/continuous/absolute-learning-progress.js";
import { type AlpGmmOptions, createAlpGmm } from "../../src/continuous/alp-gmm.js";
import type { ContinuousTeacher } from "../../src/continuous/box.js";
import { createRandomTeacher } from "../../src/continuous/random-teacher.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";

const box = { low: [0, -5], high: [1, 5] };

/** A student that gets better at tasks with x < 0.2 only; the share of the last 500 of 1500 tasks that are such. */
function shareLearnable(teacher: ContinuousTeacher): number {
  let [practice, hits] = [0, 0];
  for (let step = 0; step < 1500; step++) {
    const { id, task } = teacher.ask()[0]!;
    const learnable = task[0]! < 0.2;
    if (learnable) practice++;
    if (learnable && step >= 1000) hits++;
    teacher.tell([{ ticket: id, signal: learnable ? Math.min(1, practice / 500) : 0 }]);
  }
  return hits / 500;
}

describe("createAlpGmm", () => {
  it("goes where rewards change", () => {
    const random = shareLearnable(createRandomTeacher({ box, seed: 1 }));
    expectClose(random, 0.2, { atol: 0.08 }); // 4.5 deviations of 500 draws
    expect(shareLearnable(createAlpGmm({ box, seed: 1 }))).toBeGreaterThan(0.5);
  });

  it.each([true, false])("sets the change of reward beside each task, normalize: %s", (normalize) => {
    const teacher = createAlpGmm({ box, seed: 2, fitRate: 500, normalize, maxHistory: 40 });
    const history = createProgressHistory(2, 40);
    const expected: number[] = [];
    for (const { id, task } of teacher.ask(80)) {
      const reward = Math.sin(9 * task[0]!) + task[1]!;
      teacher.tell([{ ticket: id, rewards: [reward] }]);
      const within = normalize ? [task[0]!, (task[1]! + 5) / 10] : task;
      expected.push(...within, history.add(within, reward));
    }
    const { rows, model } = teacher.toJSON().data as { rows: number[]; model: { rewards: number[] } };
    expect(rows).toEqual(expected);
    expect(model.rewards.length).toBe(40);
  });

  it("weighs a Gaussian by the learning progress of its mean", () => {
    const teacher = createAlpGmm({ box, seed: 3, fitRate: 60, components: [1] });
    const tickets = teacher.ask(60);
    teacher.tell(tickets.map(({ id }, i) => ({ ticket: id, signal: i % 2 })));
    const history = createProgressHistory(2, Infinity);
    const progress = tickets.map(({ task: [x, y] }, i) => history.add([x!, (y! + 5) / 10], i % 2));
    const mean = progress.reduce((a, b) => a + b) / 60;
    expectClose(teacher.diagnostics.gaussians[0]!.progress, mean, { rtol: 1e-12 });
  });

  it.each<[string, Partial<AlpGmmOptions>, object]>([
    ["maxHistory", { maxHistory: 5 }, { argument: "maxHistory", value: 5 }],
    ["fitRate", { fitRate: 2.5 }, { argument: "fitRate", value: 2.5 }],
  ])("refuses %s", (argument, bad, details) => {
    expectValueError(() => createAlpGmm({ box, seed: 0, ...bad }), {
      argument,
      ...details,
      message: /^createAlpGmm: /,
    });
  });
});
