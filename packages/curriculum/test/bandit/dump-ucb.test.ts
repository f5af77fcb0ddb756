import { createRng } from "@x/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDumpUcb } from "../../src/bandit/index.js";

const arms = ["a", "b", "c"];

describe("createDumpUcb", () => {
  it.each(["total", "window"] as const)(
    "draws by the softmax of L + c √(2 ln(N + 1) / (n + 1)), n the %s",
    (counts) => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const bandit = createDumpUcb({ arms, seed, window: 5, exploration: 0.8, temperature: 0.3, counts });
          const rng = createRng(seed);
          const told: number[][] = [[], [], []];
          for (let step = 0; step < 15; step++) {
            bandit.tell(
              bandit.ask(3).map(({ id, task }) => {
                const signal = rng.float();
                told[arms.indexOf(task)]!.push(signal);
                return { ticket: id, signal };
              }),
            );
            const L = told.map((own) => own.slice(-5).reduce((a, b) => a + b, 0) / Math.max(1, own.slice(-5).length));
            const n = told.map((own) => (counts === "total" ? own.length : own.slice(-5).length));
            const N = n.reduce((a, b) => a + b);
            const w = L.map((gain, k) => Math.exp((gain + 0.8 * Math.sqrt((2 * Math.log(N + 1)) / (n[k]! + 1))) / 0.3));
            const sum = w.reduce((a, b) => a + b);
            bandit.probabilities().forEach((chance, k) => {
              expect(chance).toBeCloseTo(w[k]! / sum, 12);
              expect(bandit.values()[k]).toBeCloseTo(L[k]!, 12);
            });
          }
        }),
        { numRuns: 20 },
      );
    },
  );

  it("takes |A| of the rollouts as its signal", () => {
    const bandit = createDumpUcb({ arms: ["a"], seed: 1 });
    bandit.tell([{ ticket: bandit.ask()[0]!.id, advantages: [1, -2, 0, -1] }]);
    expect(bandit.values()[0]).toBe(1);
  });
});
