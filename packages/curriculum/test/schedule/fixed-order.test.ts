import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFixedOrder, type FixedOrderOptions, type Order, orderShares } from "../../src/schedule/index.js";
import { expectClose } from "../expect-close.js";
import { expectResume } from "../expect-resume.js";
import { expectValueError } from "../expect-value-error.js";

const orders: Order[] = ["uniform", "easyToHard", "hardToEasy", "mixed", "linearMix"];

describe("orderShares", () => {
  it("has the stages of TSCL's mixed curriculum, and equal blocks either way", () => {
    const stages = [0, 0.25, 0.5, 0.75].map((x) => ({
      mixed: orderShares("mixed", 4, x),
      up: orderShares("easyToHard", 4, x).indexOf(1),
      down: orderShares("hardToEasy", 4, x).indexOf(1),
    }));
    expect(stages).toEqual([
      { mixed: [1, 0, 0, 0], up: 0, down: 3 },
      { mixed: [1 / 2, 1 / 2, 0, 0], up: 1, down: 2 },
      { mixed: [1 / 3, 1 / 3, 1 / 3, 0], up: 2, down: 1 },
      { mixed: [1 / 4, 1 / 4, 1 / 4, 1 / 4], up: 3, down: 0 },
    ]);
    expect(orderShares("easyToHard", 4, 1)).toEqual([0, 0, 0, 1]);
  });

  it("moves linearly from easy to hard, all alike half-way", () => {
    expectClose(orderShares("linearMix", 3, 0), [3 / 6, 2 / 6, 1 / 6], { rtol: 1e-15 });
    expectClose(orderShares("linearMix", 3, 0.5), [1 / 3, 1 / 3, 1 / 3], { rtol: 1e-15 });
    expectClose(orderShares("linearMix", 3, 1), [1 / 6, 2 / 6, 3 / 6], { rtol: 1e-15 });
  });

  it("sums to 1; over the run, every task of a block order has its equal share", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...orders),
        fc.integer({ min: 1, max: 9 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (order, tasks, x) => {
          expectClose(
            orderShares(order, tasks, x).reduce((a, b) => a + b, 0),
            1,
            { atol: 1e-12 },
          );
        },
      ),
    );
    for (const order of ["uniform", "easyToHard", "hardToEasy"] as const) {
      const total = new Array<number>(5).fill(0);
      for (let step = 0; step < 100; step++)
        for (const [k, p] of orderShares(order, 5, step / 100).entries()) total[k]! += p;
      expectClose(total, [20, 20, 20, 20, 20], { atol: 1e-9 });
    }
  });

  it("refuses what it does not know", () => {
    expectValueError(() => orderShares(JSON.parse('"random"'), 3, 0), { argument: "order", value: "random" });
    expectValueError(() => orderShares("uniform", 0, 0), { argument: "tasks", value: 0 });
    expectValueError(() => orderShares("uniform", 3, 1.01), { argument: "progress", value: 1.01 });
  });
});

describe("createFixedOrder", () => {
  const tasks = ["a", "b", "c"];
  const create = (options: Partial<FixedOrderOptions<string>> = {}) =>
    createFixedOrder({ seed: 1, tasks, order: "easyToHard", steps: 6, ...options });

  it("goes through its blocks as it is told, and stays at the end", () => {
    const teacher = create();
    const seen = Array.from({ length: 9 }, () => {
      const [ticket] = teacher.ask();
      teacher.tell([{ ticket: ticket!.id }]);
      return ticket!.task;
    });
    expect(seen.join("")).toBe("aabbccccc");
  });

  it("draws with the probability that its tickets state", () => {
    const tickets = create({ order: "linearMix" }).ask(6000);
    for (const [k, task] of tasks.entries()) {
      const drawn = tickets.filter((ticket) => ticket.task === task);
      const p = (3 - k) / 6;
      expectClose(drawn[0]!.probability, p, { rtol: 1e-15 });
      expect(Math.abs(drawn.length / 6000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 6000));
    }
  });

  it.each(orders)("goes on from its JSON bit for bit (%s)", (order) => {
    expectResume<string>(
      (seed, saved) => createFixedOrder({ seed, tasks, order, steps: 400 }, saved),
      () => [1],
    );
  });

  it.each<[Partial<FixedOrderOptions<string>>, string]>([
    [{ tasks: [] }, "tasks"],
    [{ steps: 0 }, "steps"],
    [JSON.parse('{"order":"random"}'), "order"],
  ])("refuses %j", (options, argument) => {
    expectValueError(() => create(options), { argument, message: /^createFixedOrder: / });
  });
});
