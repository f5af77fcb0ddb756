import { StateError } from "@x/core";
import { describe, expect, it } from "vitest";
import { createExp3 } from "../../src/bandit/index.js";
import {
  createDifficultyTarget,
  createFixedOrder,
  createLevelStepper,
  createMix,
  type MixPart,
} from "../../src/schedule/index.js";
import type { Teacher } from "../../src/teacher/index.js";
import { expectClose } from "../expect-close.js";
import { expectResume } from "../expect-resume.js";
import { expectValueError } from "../expect-value-error.js";

const even = (tasks: string[], weight: MixPart<string>["weight"]): MixPart<string> => ({
  weight,
  create: (saved) => createFixedOrder({ seed: 2, tasks, order: "uniform", steps: 1 }, saved),
});

/** A stepper whose making is recorded, so that a test can look into it. */
function watched(weight: number) {
  const made: Teacher<string>[] = [];
  const part: MixPart<string> = {
    weight,
    create(saved) {
      made.push(createLevelStepper({ seed: 3, levels: ["x", "y"], window: 2 }, saved));
      return made.at(-1)!;
    },
  };
  return { part, made };
}

describe("createMix", () => {
  it("draws from its parts by weight, with the product of the probabilities", () => {
    const mix = createMix({ seed: 1, parts: [even(["a", "b"], 3), even(["c"], 1)] });
    const tickets = mix.ask(8000);
    expect(tickets.map(({ id }) => id)).toEqual(tickets.map((_, i) => i));
    for (const [task, p] of [
      ["a", 0.375],
      ["b", 0.375],
      ["c", 0.25],
    ] as const) {
      const drawn = tickets.filter((ticket) => ticket.task === task);
      expectClose(drawn[0]!.probability, p, { rtol: 1e-15 });
      expect(Math.abs(drawn.length / 8000 - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / 8000));
    }
  });

  it("is a sequence with weights that switch, by how often it was told", () => {
    const first = {
      kind: "piecewise",
      points: [
        [0, 1],
        [3, 0],
      ],
    } as const;
    const then = {
      kind: "piecewise",
      points: [
        [0, 0],
        [3, 1],
      ],
    } as const;
    const mix = createMix({ seed: 1, parts: [even(["a"], first), even(["b"], then)] });
    const seen = Array.from({ length: 6 }, () => {
      const [ticket] = mix.ask();
      mix.tell([{ ticket: ticket!.id }]);
      return ticket!.task;
    });
    expect(seen.join("")).toBe("aaabbb");
  });

  it("takes each result back to the part that it came from, and cancels there", () => {
    const { part, made } = watched(1);
    const mix = createMix({ seed: 1, parts: [even(["a"], 1), part] });
    const tickets = mix.ask(12);
    const steps = tickets.filter(({ task }) => task === "x").map(({ id }) => id);
    expect(steps.length).toBeGreaterThan(3);
    mix.tell(steps.slice(0, 2).map((ticket) => ({ ticket, rewards: [1] })));
    expect(made[0]!.diagnostics).toMatchObject({ asked: steps.length, told: 2, level: 1 });
    mix.cancel(steps.slice(2));
    expect(made[0]!.diagnostics).toMatchObject({ cancelled: steps.length - 2, open: 0 });
    expect(mix.diagnostics.open).toBe(12 - steps.length);
  });

  it("changes nothing when one part refuses its result", () => {
    const { part } = watched(1);
    const unit: MixPart<string> = {
      weight: 1,
      create: (saved) => createExp3({ seed: 1, arms: ["z"], signal: "reward" }, saved),
    };
    const mix = createMix({ seed: 1, parts: [part, unit] });
    const tickets = mix.ask(10);
    const before = JSON.stringify(mix);
    const results = tickets.map(({ id, task }) => ({ ticket: id, rewards: [task === "z" ? -1 : 1] }));
    expect(results.some(({ rewards }) => rewards[0] === 1)).toBe(true);
    expectValueError(() => mix.tell(results), { argument: "signal", value: -1, message: /^createExp3/ });
    expect(JSON.stringify(mix)).toBe(before);
    mix.tell(results.map(({ ticket }) => ({ ticket, rewards: [1] })));
    expect(mix.diagnostics.open).toBe(0);
  });

  it("takes back what it asked of the others when one has no more to give", () => {
    const { part, made } = watched(1);
    const small: MixPart<string> = {
      weight: 1,
      create: (saved) => createDifficultyTarget({ seed: 1, items: [{ task: "only", difficulty: 0 }] }, saved),
    };
    const mix = createMix({ seed: 1, parts: [part, small] });
    expectValueError(() => mix.ask(10), { argument: "n" });
    expect(made[0]!.diagnostics.open).toBe(0);
    expect(mix.diagnostics).toEqual({ asked: 0, told: 0, cancelled: 0, open: 0 });
  });

  it("goes on from its JSON bit for bit, its parts included", () => {
    expectResume<string>(
      (seed, saved) => createMix({ seed, parts: [even(["a", "b"], 1), watched(2).part] }, saved),
      (task, random) => [random() < (task === "x" ? 0.8 : 0.2) ? 1 : 0],
    );
  });

  it("refuses parts that are none, weights that are negative or all 0, and state of other weights", () => {
    expectValueError(() => createMix({ seed: 1, parts: [] }), { argument: "parts", value: 0 });
    expectValueError(() => createMix({ seed: 1, parts: [even(["a"], 1), even(["b"], -1)] }), {
      argument: "weight",
      index: 1,
      value: -1,
    });
    expectValueError(() => createMix({ seed: 1, parts: [even(["a"], 0)] }), { argument: "weight", value: 0 });
    const state = createMix({ seed: 1, parts: [even(["a"], 1)] }).toJSON();
    expect(() => createMix({ seed: 1, parts: [even(["a"], 2)] }, state)).toThrow(StateError);
  });
});
