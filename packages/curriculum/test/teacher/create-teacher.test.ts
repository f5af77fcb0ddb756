import { createRng, StateError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { createTeacher, type Method } from "../../src/teacher/create-teacher.js";
import type { TeacherState } from "../../src/teacher/teacher.js";

/** Draws integers below 100 and remembers the ids it closed and learnt, and the sum of the signals. */
function recorder() {
  const seen = { closed: [] as [number, string][], learnt: [] as number[], sum: 0 };
  const method: Method<number> = {
    draw: (n, rng) => Array.from({ length: n }, () => ({ task: rng.int(100), probability: 0.01 })),
    check(told) {
      told.forEach(({ signal }, index) => {
        if (signal < 0) throw new ValueError("must be ≥ 0", { argument: "signal", index, value: signal });
      });
    },
    close: (tickets, why) => seen.closed.push(...tickets.map(({ id }): [number, string] => [id, why])),
    learn(told) {
      seen.learnt.push(...told.map(({ ticket }) => ticket.id));
      for (const { signal } of told) seen.sum += signal;
    },
    save: () => seen.sum,
    load(data) {
      seen.sum = data as number;
    },
  };
  return { seen, method };
}

function teacher(saved?: TeacherState<number>, options: Record<string, unknown> = { width: 2 }) {
  const { seen, method } = recorder();
  return {
    seen,
    ...createTeacher<number>({ type: "createRecorder", seed: 1, options, signal: "reward", method, saved }),
  };
}

describe("a teacher", () => {
  it("numbers its tickets and keeps them open until they are told or cancelled", () => {
    const { ask, tell, cancel, toJSON, seen } = teacher();
    expect(ask(3).map((ticket) => ticket.id)).toEqual([0, 1, 2]);
    expect(ask()).toMatchObject([{ id: 3, step: 0 }]);
    tell([{ ticket: 1, signal: 5 }]);
    cancel([0]);
    expect(seen).toEqual({
      closed: [
        [1, "told"],
        [0, "cancelled"],
      ],
      learnt: [1],
      sum: 5,
    });
    expect(toJSON().open.map((ticket) => ticket.id)).toEqual([2, 3]);
    expect(toJSON()).toMatchObject({ counts: [4, 1, 1], step: 1 });
    expect(ask()[0]).toMatchObject({ id: 4, step: 1 });
  });

  it("learns from a batch in one order, whatever the order of telling", () => {
    const [a, b] = [teacher(), teacher()];
    a.ask(3);
    b.ask(3);
    const results = [2, 0, 1].map((ticket) => ({ ticket, rewards: [0.1 * ticket, 1] }));
    a.tell(results);
    b.tell([...results].reverse());
    expect(a.seen.learnt).toEqual([0, 1, 2]);
    expect(b.toJSON()).toEqual(a.toJSON());
  });

  it("draws from the stream of its seed", () => {
    const rng = createRng(1);
    expect(
      teacher()
        .ask(4)
        .map((ticket) => ticket.task),
    ).toEqual([rng.int(100), rng.int(100), rng.int(100), rng.int(100)]);
  });

  it("goes on from its JSON bit for bit, open tickets included", () => {
    const whole = teacher();
    whole.ask(5);
    whole.tell([{ ticket: 3, rewards: [1, 0] }]);
    const again = teacher(JSON.parse(JSON.stringify(whole.toJSON())));
    for (const one of [whole, again]) {
      one.tell([{ ticket: 0, rewards: [1] }]);
      one.ask(2);
    }
    expect(again.toJSON()).toEqual(whole.toJSON());
  });

  it("says how many tickets were asked, told, cancelled and are open", () => {
    const one = createTeacher<number>({
      type: "t",
      seed: 0,
      options: {},
      signal: "reward",
      method: recorder().method,
      saved: undefined,
    });
    one.ask(4);
    one.tell([{ ticket: 0, signal: 1 }]);
    one.cancel([1]);
    expect(one.diagnostics).toEqual({ asked: 4, told: 1, cancelled: 1, open: 2 });
  });

  it.each([
    [
      "a ticket never asked",
      [
        { ticket: 0, signal: 1 },
        { ticket: 9, signal: 1 },
      ],
      { argument: "ticket", index: 1, value: 9 },
    ],
    ["a fraction of a ticket", [{ ticket: 0.5, signal: 1 }], { argument: "ticket", index: 0, value: 0.5 }],
    ["a ticket told before", [{ ticket: 1, signal: 1 }], { argument: "ticket", index: 0, value: 1 }],
    [
      "a ticket named twice",
      [
        { ticket: 0, signal: 1 },
        { ticket: 0, signal: 1 },
      ],
      { argument: "ticket", index: 1, value: 0 },
    ],
    [
      "a signal that is NaN",
      [
        { ticket: 0, signal: 1 },
        { ticket: 2, signal: Number.NaN },
      ],
      { argument: "signal", index: 1 },
    ],
    ["no rewards", [{ ticket: 0 }], { argument: "rewards", index: 0 }],
    ["an infinite reward", [{ ticket: 0, rewards: [1, Infinity] }], { argument: "rewards", index: 0, value: Infinity }],
    [
      "what the method refuses",
      [
        { ticket: 2, signal: -1 },
        { ticket: 0, signal: 1 },
      ],
      { argument: "signal", index: 0, value: -1 },
    ],
  ])("refuses %s and stays as it was", (_, results, details) => {
    const { ask, tell, toJSON } = teacher();
    ask(3);
    tell([{ ticket: 1, signal: 1 }]);
    const before = JSON.stringify(toJSON());
    let thrown: unknown;
    try {
      tell(results);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ValueError);
    expect(thrown).toMatchObject(details);
    expect(JSON.stringify(toJSON())).toBe(before);
  });

  it("refuses to cancel what is not open, all or nothing", () => {
    const { ask, cancel, toJSON } = teacher();
    ask(2);
    expect(() => cancel([0, 2])).toThrow("createRecorder.cancel: ticket 2 was never asked");
    expect(() => cancel([1, 1])).toThrow("createRecorder.cancel: ticket 1 is named twice");
    expect(toJSON().open).toHaveLength(2);
  });

  it.each([0, 1.5, Number.NaN, -1])("refuses to draw %s tasks", (n) => {
    const { ask, toJSON } = teacher();
    const before = JSON.stringify(toJSON());
    expect(() => ask(n)).toThrow(ValueError);
    expect(JSON.stringify(toJSON())).toBe(before);
  });
});

describe("saved state", () => {
  const saved = () => {
    const one = teacher();
    one.ask(3);
    one.tell([{ ticket: 1, rewards: [0.25, 1] }]);
    return JSON.stringify(one.toJSON());
  };

  it("is refused when a single digit or letter of it has changed, wherever", () => {
    const text = saved();
    let changes = 0;
    for (let at = 0; at < text.length; at++) {
      const swap = /\d/.test(text[at]!)
        ? String((Number(text[at]) + 1) % 10)
        : /[a-z]/.test(text[at]!)
          ? "q"
          : undefined;
      if (swap === undefined || swap === text[at]) continue;
      let state: TeacherState<number>;
      try {
        state = JSON.parse(text.slice(0, at) + swap + text.slice(at + 1));
      } catch {
        continue; // no longer JSON
      }
      if (JSON.stringify(state) === text) continue;
      changes++;
      expect(() => teacher(state), `character ${at}`).toThrow(StateError);
    }
    expect(changes).toBeGreaterThan(150);
  });

  it.each([
    ["another version", { format: "x-curriculum/2" }, 'must have format "x-curriculum/1", got "x-curriculum/2"'],
    ["another method", { type: "createSec" }, 'must be of type "createRecorder", got "createSec"'],
  ])("of %s is refused", (_, change, message) => {
    expect(() => teacher({ ...JSON.parse(saved()), ...change })).toThrow(message);
  });

  it("of other options is refused by the option's name", () => {
    expect(() => teacher(JSON.parse(saved()), { width: 3 })).toThrow("state was made with width = 2, not 3");
  });

  it.each([[null], [undefined], [7], [{}]])("that is %j is refused or absent", (value) => {
    if (value === undefined) expect(teacher(value).toJSON().counts).toEqual([0, 0, 0]);
    else expect(() => teacher(value as TeacherState<number>)).toThrow(StateError);
  });
});
