import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, volume } from "../../src/continuous/box.js";
import type { Region } from "../../src/continuous/region.js";
import { createRiac, type RiacOptions } from "../../src/continuous/riac.js";
import { expectClose } from "../expect-close.js";
import { expectValueError } from "../expect-value-error.js";
import { chiSquareDeviate } from "./chi-square.js";

const box = { low: [-1, 0], high: [1, 4] };

/** A teacher told `n` results, `batch` at a time: rewards rise with practice where x > 0. */
function taught(seed: number, n: number, options: Partial<RiacOptions> = {}, batch = 10) {
  const teacher = createRiac({ box, seed, maxRegionSize: 40, ...options });
  for (let step = 0; step < n; step += batch)
    teacher.tell(teacher.ask(batch).map(({ id, task }) => ({ ticket: id, signal: task[0]! > 0 ? step / n : 0 })));
  return teacher;
}
const regionsOf = (teacher: { toJSON(): { data: unknown } }) => teacher.toJSON().data as Region[];

describe("createRiac", () => {
  it("partitions the box: the leaves fill it and every task lies in one", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const teacher = taught(seed, 400);
        const leaves = teacher.diagnostics.regions.filter(({ leaf }) => leaf);
        expect(leaves.length).toBeGreaterThan(3);
        expectClose(
          leaves.reduce((sum, leaf) => sum + volume(leaf), 0),
          8,
          { rtol: 1e-12 },
        );
        for (const { task } of teacher.ask(50)) {
          // A task on a cut belongs to the left.
          const holding = leaves.filter(({ low, high }) =>
            task.every((x, i) => (x > low[i]! || low[i] === box.low[i]) && x <= high[i]!),
          );
          expect(holding.length).toBe(1);
        }
      }),
      { numRuns: 10 },
    );
  });

  it("keeps in every region the results of its part of the box, the latest, and no leaf too many", () => {
    for (const { low, high, tasks, rewards, split } of regionsOf(taught(3, 600))) {
      expect(tasks.length).toBe(rewards.length);
      expect(tasks.every((task) => contains({ low, high }, task))).toBe(true);
      expect(tasks.length).toBeLessThanOrEqual(split === undefined ? 40 : 41);
      for (const [i, side] of [2, 4].entries()) expect(high[i]! - low[i]!).toBeGreaterThanOrEqual(side / 15);
    }
  });

  it("goes where rewards change", () => {
    const teacher = taught(4, 1000);
    const right = teacher.ask(1000).filter(({ task }) => task[0]! > 0).length / 1000;
    expect(right).toBeGreaterThan(0.65);
    const { regions } = teacher.diagnostics;
    expectClose(
      regions.reduce((sum, { share }) => sum + share, 0),
      1,
      { rtol: 1e-12 },
    );
    const total = regions.reduce((sum, { progress }) => sum + progress, 0);
    for (const { share, progress } of regions) expectClose(share, progress / total, { rtol: 1e-12 });
  });

  it("draws with the density that its tickets name", () => {
    for (const leavesOnly of [false, true]) {
      const teacher = taught(5, 300, { leavesOnly });
      const twin = createRiac({ box, seed: 5, maxRegionSize: 40, leavesOnly }, teacher.toJSON());
      const cuts = twin.diagnostics.regions.flatMap(({ low, high }) => [low, high]);
      // Importance weights 1 / p make an even sample of the box of what mutations have not moved onto a cut.
      const inside = twin.ask(20_000).filter(({ task }) => !cuts.some((cut) => task.some((x, i) => x === cut[i])));
      const cells = new Array<number>(8).fill(0);
      for (const { task, probability } of inside)
        cells[Math.floor((task[0]! + 1) * 2) + 4 * Math.floor(task[1]! / 2)]! += 1 / probability / 20_000;
      // p is nowhere below 0.2 / 8: the variance of a cell is at most 39 / 20 000, and most are far below.
      for (const cell of cells) expectClose(cell, 1, { atol: 0.12 });
    }
  });

  it("draws evenly from the box before it was told anything", () => {
    const tickets = createRiac({ box, seed: 6 }).ask(8000);
    const counts = new Array<number>(16).fill(0);
    for (const { task, probability } of tickets) {
      expectClose(probability, 1 / 8, { rtol: 1e-12 });
      counts[Math.floor((task[0]! + 1) * 2) * 4 + Math.floor(task[1]!)]!++;
    }
    expect(chiSquareDeviate(counts, new Array<number>(16).fill(1 / 16))).toBeLessThan(4);
  });

  it("mutates the task of the lowest reward by a tenth of each side", () => {
    const teacher = createRiac({ box, seed: 7 });
    const tickets = teacher.ask(100);
    teacher.tell(tickets.map(({ id }, i) => ({ ticket: id, signal: i === 60 ? -1 : i })));
    const [x, y] = tickets[60]!.task;
    const near = teacher
      .ask(5000)
      .filter(({ task }) => Math.abs(task[0]! - x!) < 0.02 && Math.abs(task[1]! - y!) < 0.04);
    // Of 9 in 10 uniform draws 0.0032 / 8 and of 1 in 10 mutations (2 Φ(0.1) − 1)² = 0.00634 fall so near: 5 of 5000.
    const expected = 5000 * (0.9 * 0.0004 + 0.1 * 0.00634);
    expect(Math.abs(near.length - expected)).toBeLessThan(4 * Math.sqrt(expected));
    const wide = 0.9 / 8 + 0.1 / (2 * Math.PI * 0.2 * 0.4);
    expectClose(near[0]!.probability, wide, { rtol: 0.02 });
  });

  it("prefers even halves, and does not with compat", () => {
    const splits = (compat: object) =>
      Array.from({ length: 30 }, (_, seed) => {
        const { tasks, rewards } = { tasks: [] as number[], rewards: [] as number[] };
        const teacher = createRiac({ box, seed, maxRegionSize: 40, minRegionSize: 1, ...compat });
        teacher.tell(teacher.ask(41).map(({ id }, i) => ({ ticket: id, signal: Math.sin(i * i) })));
        for (const region of regionsOf(teacher).slice(1)) {
          tasks.push(region.tasks.length);
          rewards.push(region.progress);
        }
        return { smaller: Math.min(...tasks), difference: Math.abs(rewards[0]! - rewards[1]!) };
      });
    const [sized, blind] = [splits({}), splits({ compat: "reference" })];
    const sum = (of: typeof sized, field: "smaller" | "difference") =>
      of.reduce((total, split) => total + split[field], 0);
    expect(sum(sized, "smaller")).toBeGreaterThan(1.5 * sum(blind, "smaller"));
    for (const [i, { difference }] of blind.entries()) expect(difference).toBeGreaterThanOrEqual(sized[i]!.difference);
  });

  it("drops the oldest quarter of a leaf that no cut fits", () => {
    const teacher = createRiac({ box, seed: 8, maxRegionSize: 40, minSide: 0.6 });
    const tickets = teacher.ask(41);
    teacher.tell(tickets.map(({ id }) => ({ ticket: id, signal: id })));
    expect(regionsOf(teacher).map(({ rewards }) => rewards)).toEqual([Array.from({ length: 31 }, (_, i) => i + 10)]);
  });

  it.each<[string, object, { argument: string; value: unknown }]>([
    ["maxRegionSize", { maxRegionSize: 1 }, { argument: "maxRegionSize", value: 1 }],
    ["minRegionSize", { minRegionSize: 0 }, { argument: "minRegionSize", value: 0 }],
    ["minSide", { minSide: -0.1 }, { argument: "minSide", value: -0.1 }],
    ["splitAttempts", { splitAttempts: 0.5 }, { argument: "splitAttempts", value: 0.5 }],
    ["compat", { compat: "paper" }, { argument: "compat", value: "paper" }],
    ["box", { box: { low: [], high: [] } }, { argument: "box.low.length", value: 0 }],
  ])("refuses %s", (_, bad, details) => {
    expectValueError(() => createRiac({ box, seed: 0, ...bad }), { ...details, message: /^createRiac: / });
  });
});
