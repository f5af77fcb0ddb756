import type { Rng } from "@x/core";
import { describe, expect, it } from "vitest";
import { createLearnability, type LearnabilityOptions, type LevelTask } from "../../src/replay/index.js";
import { expectClose } from "../expect-close.js";
import { expectResume } from "../expect-resume.js";
import { expectValueError } from "../expect-value-error.js";

const anyOf = (levels: number) => (rng: Rng) => rng.int(levels);
const options: LearnabilityOptions<number> = {
  seed: 1,
  generate: anyOf(1000),
  candidates: 6,
  keep: 2,
  refreshEvery: 3,
};

/** A search that has found levels solved s times of 4, s = 0 … 5 mod 5: the best are those of s = 2, then 1 and 3. */
function searched(own: Partial<LearnabilityOptions<number>> = {}) {
  const teacher = createLearnability({ ...options, ...own });
  const tickets = teacher.ask(6);
  const rewards = (s: number) => [0, 1, 2, 3].map((i) => (i < s ? 1 : 0));
  teacher.tell(tickets.map(({ id }) => ({ ticket: id, rewards: rewards(id % 5) })));
  return { teacher, levels: tickets.map(({ task }) => task.level) };
}

describe("createLearnability", () => {
  it("searches with fresh levels only to be scored, as many as are told", () => {
    const teacher = createLearnability(options);
    for (const { task, probability } of teacher.ask(9)) expect([task.train, probability]).toEqual([false, 1]);
    teacher.tell([0, 1, 2, 3, 4].map((ticket) => ({ ticket, rewards: [1, 0] })));
    expect(teacher.ask()[0]!.task.train).toBe(false);
    teacher.tell([{ ticket: 5, rewards: [1, 0] }]);
    expect(teacher.ask()[0]!.task.train).toBe(true);
  });

  it("keeps the K most learnable; of equals the earlier ticket", () => {
    const { teacher, levels } = searched({ share: 1 });
    const drawn = new Set(teacher.ask(100).map(({ task }) => task.level));
    expect(drawn).toEqual(new Set([levels[2], levels[1]]));
  });

  it("takes the share ρ from the K, evenly, and the rest fresh, with the probabilities it states", () => {
    const { teacher, levels } = searched({ share: 0.6 });
    const tickets = teacher.ask(10_000);
    for (const kept of [levels[1], levels[2]]) {
      const drawn = tickets.filter(({ task, probability }) => task.level === kept && probability < 0.35);
      expectClose(drawn[0]!.probability, 0.3, { rtol: 1e-15 });
      expect(Math.abs(drawn.length / 10_000 - 0.3)).toBeLessThan(4 * Math.sqrt(0.21 / 10_000));
    }
    const fresh = tickets.filter(({ probability }) => probability > 0.35);
    expectClose(fresh[0]!.probability, 0.4, { rtol: 1e-15 });
    for (const { task } of tickets) expect(task.train).toBe(true);
  });

  it("searches again after T tells about levels to learn from, and drops late answers to either", () => {
    const teacher = createLearnability(options);
    teacher.ask(7); // one of them stays open
    teacher.tell([0, 1, 2, 3, 4, 5].map((ticket) => ({ ticket, rewards: [1, 0] })));
    const learning = teacher.ask(5).map(({ id }) => id);
    const tell = (ticket: number) => teacher.tell([{ ticket, rewards: [1, 0] }]);
    tell(6); // late, of the search: no update
    tell(learning[0]!);
    tell(learning[1]!);
    expect(teacher.ask()[0]!.task.train).toBe(true);
    tell(learning[2]!);
    const again = teacher.ask(6);
    expect(again.every(({ task }) => !task.train)).toBe(true);
    tell(learning[3]!); // late, of the learning
    teacher.tell(again.slice(1).map(({ id }) => ({ ticket: id, rewards: [1, 0] })));
    expect(teacher.ask()[0]!.task.train).toBe(false); // 5 of 6
    tell(again[0]!.id);
    expect(teacher.ask()[0]!.task.train).toBe(true);
  });

  it("counts nothing of a search before the last towards it", () => {
    const teacher = createLearnability({ ...options, candidates: 1, keep: 1, refreshEvery: 1 });
    teacher.ask(2); // 1 stays open
    teacher.tell([{ ticket: 0, rewards: [1] }]);
    const [learning] = teacher.ask();
    teacher.tell([{ ticket: learning!.id, rewards: [1] }]);
    teacher.tell([{ ticket: 1, rewards: [1] }]);
    expect(teacher.ask()[0]!.task.train).toBe(false);
  });

  it("goes on from its JSON bit for bit", () => {
    expectResume<LevelTask<number>>(
      (seed, saved) => createLearnability({ ...options, seed, candidates: 20, keep: 5, refreshEvery: 10 }, saved),
      ({ level }, random) => [0, 1, 2, 3].map(() => (random() < level / 1000 ? 1 : 0)),
    );
  });

  it.each<[Partial<LearnabilityOptions<number>>, string]>([
    [{ candidates: 0 }, "candidates"],
    [{ keep: 7 }, "keep"],
    [{ keep: 0.5 }, "keep"],
    [{ share: 1.1 }, "share"],
    [{ refreshEvery: 0 }, "refreshEvery"],
  ])("refuses %j", (own, argument) => {
    expectValueError(() => createLearnability({ ...options, ...own }), { argument, value: Object.values(own)[0] });
  });
});
