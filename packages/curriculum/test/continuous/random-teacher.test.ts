import { describe, expect, it } from "vitest";
import { createRandomTeacher } from "../../src/continuous/random-teacher.js";
import { expectValueError } from "../expect-value-error.js";
import { chiSquareDeviate } from "./chi-square.js";

const box = { low: [-1, 0], high: [1, 4] };

describe("createRandomTeacher", () => {
  it("draws evenly from the box and names the density", () => {
    const tickets = createRandomTeacher({ box, seed: 1 }).ask(8000);
    const counts = new Array<number>(64).fill(0);
    for (const { task, probability } of tickets) {
      expect(probability).toBe(1 / 8);
      counts[Math.floor((task[0]! + 1) * 4) * 8 + Math.floor(task[1]! * 2)]!++;
    }
    expect(chiSquareDeviate(counts, new Array<number>(64).fill(1 / 64))).toBeLessThan(4);
  });

  it("draws the same whatever it is told", () => {
    const [told, silent] = [1, 2].map(() => createRandomTeacher({ box, seed: "a" }));
    for (let round = 0; round < 5; round++) {
      const tickets = told!.ask(3);
      expect(silent!.ask(3).map(({ task }) => task)).toEqual(tickets.map(({ task }) => task));
      told!.tell(tickets.map(({ id }) => ({ ticket: id, signal: id })));
    }
  });

  it("refuses a box that is none", () => {
    const call = () => createRandomTeacher({ box: { low: [0, 2], high: [1, 1] }, seed: 0 });
    expectValueError(call, { argument: "box.high", index: 1, value: 1, message: /^createRandomTeacher: / });
  });
});
