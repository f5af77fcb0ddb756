import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Bandit, createSec, type SecOptions } from "../../src/bandit/index.js";

const arms = ["easy", "hard"];
const sec = (options: Partial<SecOptions>) => createSec({ arms, seed: 1, ...options });

/** Asks until the arm is drawn, tells its signal alone, and takes the other tickets back. */
function tellArm(bandit: Bandit, arm: number, signal: number): void {
  for (;;) {
    const [ticket] = bandit.ask();
    if (ticket!.task !== bandit.arms[arm]) bandit.cancel([ticket!.id]);
    else {
      bandit.tell([{ ticket: ticket!.id, signal }]);
      return;
    }
  }
}

describe("createSec", () => {
  it("keeps a moving mean: x (1 − (1 − α)ⁿ) after n equal signals", () => {
    for (const learningRate of [0.05, 0.5, 1]) {
      const bandit = sec({ learningRate });
      for (let n = 1; n <= 12; n++) {
        tellArm(bandit, 0, 0.8);
        expect(bandit.values()[0]).toBeCloseTo(0.8 * (1 - (1 - learningRate) ** n), 12);
      }
    }
  });

  it.each([
    ["keep", 0.7],
    ["decay", 0.7 * 0.9 ** 5],
  ] as const)("with unobserved %s has %d of an arm that five tells did not name", (unobserved, expected) => {
    const bandit = sec({ unobserved, initialValue: 0.7, learningRate: 0.1, epsilonUniform: 0.5 });
    for (let n = 0; n < 5; n++) tellArm(bandit, 0, 0.2);
    expect(bandit.values()[1]).toBeCloseTo(expected, 12);
  });

  it("is what the official rule gives: unseen categories have target 0", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const names = ["a", "b", "c", "d", "e"];
        const bandit = createSec({ arms: names, seed, unobserved: "decay", learningRate: 0.5, temperature: 0.4 });
        const rng = createRng(seed);
        let q = new Array(5).fill(0);
        for (let step = 0; step < 30; step++) {
          const results = bandit.ask(4).map(({ id, task }) => ({ ticket: id, task, signal: rng.float() }));
          bandit.tell(results);
          const target = names.map((name) => {
            const own = results.filter(({ task }) => task === name).map(({ signal }) => signal);
            return own.length === 0 ? 0 : own.reduce((a, b) => a + b) / own.length;
          });
          q = q.map((value, k) => value + 0.5 * (target[k]! - value));
          bandit.values().forEach((value, k) => {
            expect(value).toBeCloseTo(q[k], 12);
          });
        }
      }),
      { numRuns: 20 },
    );
  });

  it("draws by exp(Q/τ)", () => {
    const bandit = sec({ temperature: 0.2, learningRate: 1 });
    tellArm(bandit, 1, 0.2 * Math.log(3));
    const [easy, hard] = bandit.probabilities();
    expect(easy).toBeCloseTo(0.25, 12);
    expect(hard).toBeCloseTo(0.75, 12);
  });

  it("goes to the category whose success is near one half", () => {
    const success = [0.02, 0.5, 0.98];
    const bandit = createSec({ arms: ["hard", "even", "easy"], seed: 2, temperature: 0.2 });
    const rng = createRng(3);
    for (let step = 0; step < 40; step++)
      bandit.tell(
        bandit.ask(16).map(({ id, task }) => {
          const p = success[bandit.arms.indexOf(task)]!;
          return { ticket: id, rewards: Array.from({ length: 8 }, () => (rng.float() < p ? 1 : 0)) };
        }),
      );
    expect(bandit.probabilities()[1]).toBeGreaterThan(0.8);
  });

  it("stays finite with values of a million", () => {
    const bandit = sec({ initialValue: 1e6, temperature: 1e-3 });
    tellArm(bandit, 0, 2e6);
    expect(Array.from(bandit.probabilities())).toEqual([1, 0]);
  });
});
