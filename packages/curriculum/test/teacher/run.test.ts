import { AbortedError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { createTeacher } from "../../src/teacher/create-teacher.js";
import { runCurriculum } from "../../src/teacher/run.js";
import type { Ticket } from "../../src/teacher/teacher.js";

const coin = () =>
  createTeacher<number>({
    type: "coin",
    seed: 3,
    options: {},
    signal: "reward",
    saved: undefined,
    method: {
      draw: (n, rng) => Array.from({ length: n }, () => ({ task: rng.int(2), probability: 0.5 })),
      learn: () => {},
      save: () => null,
      load: () => {},
    },
  });
const answer = (tickets: readonly Ticket<number>[]) =>
  tickets.map((ticket) => ({ ticket: ticket.id, rewards: [ticket.task] }));

describe("runCurriculum", () => {
  it("asks, attempts and tells, a step an event", async () => {
    const teacher = coin();
    const steps: number[] = [];
    for await (const { step, total, data } of runCurriculum(teacher, answer, { batch: 4, steps: 3 })) {
      steps.push(step);
      expect({ total, ...data }).toEqual({ total: 3, asked: 4 * step, told: 4 * step, cancelled: 0, open: 0 });
    }
    expect(steps).toEqual([1, 2, 3]);
  });

  it("takes its tickets back when the attempt fails or the signal fires", async () => {
    const teacher = coin();
    const failing = runCurriculum(
      teacher,
      () => {
        throw new Error("out of memory");
      },
      { batch: 2, steps: 1 },
    );
    await expect(failing.next()).rejects.toThrow("out of memory");
    const controller = new AbortController();
    const stopped = runCurriculum(
      teacher,
      (tickets) => {
        controller.abort();
        return answer(tickets);
      },
      { batch: 2, steps: 1, signal: controller.signal },
    );
    await expect(stopped.next()).rejects.toThrow(AbortedError);
    expect(teacher.diagnostics).toEqual({ asked: 4, told: 0, cancelled: 4, open: 0 });
  });

  it("refuses a number of steps that is none", async () => {
    await expect(runCurriculum(coin(), answer, { batch: 1, steps: 0 }).next()).rejects.toThrow(ValueError);
  });
});
