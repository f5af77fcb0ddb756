import { createRng, type Rng } from "@x/core";
import { type Benchmark, judge, spreadOf } from "../benchmark.js";
import { assertSame, type Calls, interleaveCalls, withFiles } from "../calls.js";
import { startWorker } from "../worker.js";

const arms = 8;
const rewardRows = 4096;

/** The policies, and what our share of MABWiser's time may be. */
const policies = [
  ["epsilon-greedy", 0.01],
  ["ucb1", 0.01],
  ["softmax", 0.01],
  ["thompson", 0.02],
] as const;

/** Bandits against MABWiser, mixtures of Gaussians against scikit-learn: CPU time on the same rewards, data and starts. */
export const curriculum: Benchmark = {
  name: "curriculum",
  run({ say }) {
    const rng = createRng("bench curriculum");
    const files = {
      "rewards.json": JSON.stringify(Array.from({ length: rewardRows }, () => rewardsOf(rng))),
      "mixtures.json": JSON.stringify(Array.from({ length: 10 }, () => dataSet(rng))),
    };
    return withFiles(files, async (folder) => {
      const workers = { ours: startWorker("curriculum.js", [folder]), peer: startWorker("curriculum.py", [folder]) };
      const ratios = [];
      for (const [policy, must] of policies) {
        const { ours, peer, values } = await interleaveCalls<number>(
          workers,
          policy,
          { ours: 100_000, peer: 2000 },
          say,
        );
        for (const mean of values)
          if (!(mean > meanReward))
            throw new Error(`${policy}: must earn more than at random, ${meanReward}, got ${mean}`);
        ratios.push(judge(`${policy}-8-arms, ask and tell/MABWiser`, ours, peer, { must }));
      }
      const fits = await interleaveCalls<number>(workers, "mixtures", { ours: 1, peer: 1 }, say);
      const likelihoods = (worker: keyof typeof workers) => workers[worker].ask<Calls<number[]>>("log-likelihoods 1");
      assertSame("log-likelihoods", (await likelihoods("ours")).value, (await likelihoods("peer")).value, 1e-6);
      for (const worker of Object.values(workers)) worker.close();
      return {
        spread: spreadOf(fits.peer),
        ratios: [
          ...ratios,
          judge("gaussian-mixtures-250x3, k = 2…10/scikit-learn", fits.ours, fits.peer, { must: 0.5 }),
        ],
      };
    });
  },
};

/** Arm k pays 1 with probability 0.1 (k + 1), else 0. */
const rewardsOf = (rng: Rng) => Array.from({ length: arms }, (_, arm) => (rng.float() < 0.1 * (arm + 1) ? 1 : 0));

/** What play at random earns. */
const meanReward = 0.1 * ((arms + 1) / 2);

/** 250 tasks of the unit square with their absolute learning progress, high in one corner, and a start for each k = 2 … 10. */
function dataSet(rng: Rng) {
  const points = Array.from({ length: 250 }, () => {
    const [x, y] = [rng.float(), rng.float()];
    return [x, y, Math.abs(0.3 * rng.normal()) * (x < 0.5 && y < 0.5 ? 1 : 0.1)];
  });
  const starts = Array.from({ length: 9 }, (_, i) => {
    const k = i + 2;
    const chosen = rng.shuffle(points).slice(0, k);
    return {
      weights: chosen.map(() => 1 / k),
      means: chosen.flat(),
      precisions: chosen.flatMap(() => [10, 0, 0, 0, 10, 0, 0, 0, 10]),
    };
  });
  return { rows: points.flat(), starts };
}
