import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSec, createTscl } from "../../src/bandit/index.js";

const score = fc.double({ min: 0, max: 1, noNaN: true });

describe("createTscl", () => {
  it("holds a moving mean of the change of an arm's mean reward since it was last told", () => {
    fc.assert(
      fc.property(fc.array(score, { minLength: 1, maxLength: 30 }), (scores) => {
        const bandit = createTscl({ arms: ["a"], seed: 1, learningRate: 0.3 });
        let q = 0;
        scores.forEach((x, i) => {
          bandit.tell([{ ticket: bandit.ask()[0]!.id, rewards: [x, x] }]);
          q = 0.7 * q + 0.3 * (x - (scores[i - 1] ?? 0));
          expect(bandit.values()[0]).toBeCloseTo(q, 12);
        });
      }),
    );
  });

  it("leaves an arm without a result as it is, its last score included", () => {
    const bandit = createTscl({ arms: ["a", "b"], seed: 1, learningRate: 1, epsilon: 1, method: "epsilon-greedy" });
    const tell = (arm: string, signal: number) => {
      const tickets = bandit.ask(64);
      const { id } = tickets.find(({ task }) => task === arm)!;
      bandit.cancel(tickets.filter((ticket) => ticket.id !== id).map((ticket) => ticket.id));
      bandit.tell([{ ticket: id, signal }]);
    };
    tell("a", 0.5);
    tell("b", 0.1);
    tell("b", 0.3);
    expect(bandit.values()[0]).toBe(0.5);
    tell("a", 0.6);
    expect(bandit.values()[0]).toBeCloseTo(0.1, 15);
  });

  it("is drawn to forgetting as to progress, unless told otherwise", () => {
    const chances = (absolute: boolean) => {
      const bandit = createTscl({
        arms: ["a"],
        seed: 1,
        learningRate: 1,
        absolute,
        method: "boltzmann",
        temperature: 0.1,
      });
      const two = createTscl({
        arms: ["a", "b"],
        seed: 1,
        learningRate: 1,
        absolute,
        method: "boltzmann",
        temperature: 0.1,
      });
      const [first] = two.ask();
      two.tell([{ ticket: first!.id, signal: -0.1 * Math.log(3) }]);
      expect(bandit.probabilities()[0]).toBe(1);
      return two.probabilities()[two.arms.indexOf(first!.task)];
    };
    expect(chances(true)).toBeCloseTo(0.75, 12);
    expect(chances(false)).toBeCloseTo(0.25, 12);
  });

  it("without absolute and by boltzmann is SEC with the change of reward as its signal", () => {
    const options = { arms: ["a", "b", "c"], seed: 9, learningRate: 0.5, temperature: 0.2 };
    const tscl = createTscl({ ...options, absolute: false, method: "boltzmann" });
    const sec = createSec(options);
    const last = new Map<string, number>();
    for (let t = 0; t < 100; t++) {
      const [a, b] = [tscl.ask()[0]!, sec.ask()[0]!];
      expect(b.task).toBe(a.task);
      const reward = (t * 7) % 10;
      tscl.tell([{ ticket: a.id, signal: reward / 10 }]);
      sec.tell([{ ticket: b.id, signal: reward / 10 - (last.get(b.task) ?? 0) }]);
      last.set(b.task, reward / 10);
    }
    tscl.values().forEach((value, k) => {
      expect(value).toBeCloseTo(sec.values()[k]!, 12);
    });
  });
});
