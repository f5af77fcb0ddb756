// Our bandits and mixtures of Gaussians, spoken to over standard input like peers/curriculum.py.
// Argument: a folder with rewards.json (rows of 8 rewards) and mixtures.json (data sets with the starts of nine fits each).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Bandit, createEpsilonGreedy, createSec, createThompson, createUcb1 } from "@x/curriculum/bandit";
import { fitGaussianMixture, type InitialMixture } from "@x/curriculum/continuous";
import { serveCalls } from "./serve.js";

const folder = process.argv[2]!;
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const rewards: readonly (readonly number[])[] = read("rewards.json");
const mixtures: readonly { readonly rows: number[]; readonly starts: readonly InitialMixture[] }[] =
  read("mixtures.json");
const options = { arms: rewards[0]!.map((_, arm) => `${arm}`), seed: 0, signal: "reward" } as const;

/** One call is one ask and one tell; it gives the mean reward so far. */
function plays(bandit: Bandit): () => number {
  let step = 0;
  let sum = 0;
  return () => {
    const [ticket] = bandit.ask();
    const reward = rewards[step++ % rewards.length]![Number(ticket!.task)]!;
    bandit.tell([{ ticket: ticket!.id, rewards: [reward] }]);
    sum += reward;
    return sum / step;
  };
}

/** All fits of all data sets. */
const fits = () =>
  mixtures.flatMap(({ rows, starts }) => starts.map((initial) => fitGaussianMixture(rows, 3, { initial })));

await serveCalls({
  "epsilon-greedy": plays(createEpsilonGreedy({ ...options, learningRate: "average" })),
  ucb1: plays(createUcb1(options)),
  softmax: plays(createSec({ ...options, temperature: 0.2 })),
  thompson: plays(createThompson(options)),
  mixtures: () => fits().length,
  "log-likelihoods": () => fits().map((mixture) => mixture.logLikelihood),
});
