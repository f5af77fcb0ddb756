import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Bandit } from "../../src/bandit/bandit.js";
import { createEpsilonGreedy } from "../../src/bandit/epsilon-greedy.js";
import { createSec } from "../../src/bandit/sec.js";
import { createThompson } from "../../src/bandit/thompson.js";
import { createUcb1 } from "../../src/bandit/ucb.js";
import { expectClose } from "../expect-close.js";

interface Case {
  readonly plays: readonly (readonly [arm: string, reward: number])[];
  readonly means: readonly number[];
  readonly alpha: number;
  readonly bounds: readonly number[];
  readonly successes: readonly number[];
  readonly failures: readonly number[];
  readonly single: readonly (readonly [arm: string, reward: number])[];
  readonly temperature: number;
  readonly softmax: readonly number[];
}
const { arms, cases }: { arms: string[]; cases: Case[] } = JSON.parse(
  readFileSync(new URL("../fixtures/bandit.json", import.meta.url), "utf8"),
);

/** Tells a bandit these very plays: it is asked until the arm comes up (ε sees to that), and the rest is taken back. */
function replay(bandit: Bandit, plays: Case["plays"]): Bandit {
  for (const [arm, signal] of plays) {
    const given: number[] = [];
    for (;;) {
      const [ticket] = bandit.ask();
      if (ticket!.task === arm) {
        bandit.tell([{ ticket: ticket!.id, signal }]);
        break;
      }
      given.push(ticket!.id);
    }
    bandit.cancel(given);
  }
  return bandit;
}

describe("after the same plays as MABWiser's", () => {
  it("there are 40 histories", () => expect(cases).toHaveLength(40));

  it.each(cases.map((c, i) => [i, c] as const))(
    "history %i: means, bounds, beliefs and softmax are the same",
    (_, c) => {
      const greedy = createEpsilonGreedy({ arms, seed: 1, signal: "reward", learningRate: "average", epsilon: 1 });
      expectClose(replay(greedy, c.plays).values(), c.means, { atol: 1e-12 });

      const ucb = replay(
        createUcb1({ arms, seed: 1, exploration: c.alpha * Math.SQRT2, epsilonUniform: 0.5 }),
        c.plays,
      );
      expectClose(ucb.values(), c.means, { atol: 1e-12 });
      const best = c.bounds.map((bound) => (bound > Math.max(...c.bounds) - 1e-12 ? 1 : 0));
      const ties = best.filter((one) => one === 1).length;
      expectClose(
        ucb.probabilities(),
        best.map((one) => (0.5 * one) / ties + 0.5 / arms.length),
        { atol: 1e-12 },
      );

      const thompson = replay(createThompson({ arms, seed: 1, epsilonUniform: 0.5 }), c.plays);
      const beliefs = c.successes.map((a, k) => a / (a + c.failures[k]!));
      expectClose(thompson.values(), beliefs, { atol: 1e-12 });

      const sec = createSec({ arms, seed: 1, learningRate: 1, temperature: c.temperature, epsilonUniform: 0.5 });
      const mixed = c.softmax.map((p) => 0.5 * p + 0.5 / arms.length);
      expectClose(replay(sec, c.single).probabilities(), mixed, { atol: 1e-12 });
    },
  );
});
