import { createRng } from "@x/core";
import { createAlpGmm, createCovarGmm, createRandomTeacher, createRiac } from "@x/curriculum/continuous";
import {
  bestTask,
  type CubeWorld,
  createCubeWorld,
  inLearnable,
  masteredShare,
  visitCube,
} from "@x/curriculum/simulate";
import { meanInterval } from "@x/metrics/stats";
import { type Criterion, criterion, type Experiment, type Target } from "../experiment.js";

/** The worlds, and by how many points ALP-GMM must master more than random there. */
const worlds = [
  { id: "f = 1, 10 × 10", options: { cubes: 10 }, episodes: 20_000, atLeast: 15 },
  { id: "f = 0.6, 6 × 6", options: { cubes: 6, learnable: 0.6 }, episodes: 10_000, atLeast: 15 },
  {
    id: "f = 0.6, 6 × 6, noise 0.1",
    options: { cubes: 6, learnable: 0.6, noise: 0.1 },
    episodes: 10_000,
    atLeast: 0,
  },
] as const;

const box = { low: [0, 0], high: [1, 1] };
const teachers = {
  random: createRandomTeacher,
  "ALP-GMM": createAlpGmm,
  "Covar-GMM": createCovarGmm,
  RIAC: createRiac,
} as const;
type Arm = keyof typeof teachers;
const arms = Object.keys(teachers) as Arm[];

/** What came of one run. */
interface Run {
  /** Mastered cubes in per cent of those that can be learnt. */
  readonly mastered: number;
  /** Share of tasks inside the learnable part, for each 1,000 episodes. */
  readonly inside: readonly number[];
}

/** Lets a teacher choose every task of a fresh world. */
function train(arm: Arm, start: CubeWorld, episodes: number, seed: number): Run {
  const teacher = teachers[arm]({ box, seed: `${arm} ${seed}` });
  const rng = createRng(`toy ${arm} ${seed}`);
  const inside = new Array<number>(episodes / 1000).fill(0);
  let world = start;
  for (let episode = 0; episode < episodes; episode++) {
    const [ticket] = teacher.ask();
    const visited = visitCube(world, ticket!.task, rng);
    teacher.tell([{ ticket: ticket!.id, rewards: [visited.reward] }]);
    world = visited.world;
    if (inLearnable(world, ticket!.task)) inside[Math.floor(episode / 1000)]! += 1 / 1000;
  }
  return { mastered: 100 * masteredShare(world), inside };
}

/** What a teacher that sees the competence of every cube reaches. */
function oracle(start: CubeWorld, episodes: number): number {
  const rng = createRng("toy oracle");
  let world = start;
  for (let episode = 0; episode < episodes; episode++) world = visitCube(world, bestTask(world), rng).world;
  return 100 * masteredShare(world);
}

/**
 * ALP-GMM on the cubes of its authors' toy, also where most of the square cannot be learnt: mastered cubes against tasks at
 * random. The other continuous teachers and an oracle stand beside it.
 *
 * Fixed before the run: all teachers with their defaults; competence, thresholds and noise as in `visitCube`.
 *
 * @paper 1910.07224 appendix
 */
export const alpGmmToy: Experiment = {
  name: "alp-gmm-toy",
  defaultSeeds: 10,
  tensors: false,
  async run({ seeds, say }) {
    const results = worlds.map(({ id, options, episodes, atLeast }) => {
      const start = createCubeWorld(options);
      const runs = seeds.map((seed) => {
        const row = Object.fromEntries(arms.map((arm) => [arm, train(arm, start, episodes, seed)])) as Record<Arm, Run>;
        say(`${id}, seed ${seed}: ${arms.map((arm) => `${arm} ${row[arm].mastered.toFixed(1)} %`).join(", ")}`);
        return row;
      });
      return { id, atLeast, runs, oracle: oracle(start, episodes) };
    });
    const criteria = results.flatMap(({ id, atLeast, runs, oracle }): Criterion[] => {
      const gain = (arm: Arm, target: Target) =>
        criterion(
          `${id}: ${arm} − random, points`,
          meanInterval(runs.map((row) => row[arm].mastered - row.random.mastered)),
          target,
        );
      return [
        gain("ALP-GMM", { lowAbove: atLeast }),
        gain("Covar-GMM", "report"),
        gain("RIAC", "report"),
        criterion(`${id}: oracle, mastered %`, oracle, "report"),
      ];
    });
    const table = (of: (run: Run) => unknown) =>
      Object.fromEntries(
        results.map(({ id, runs }) => [
          id,
          Object.fromEntries(arms.map((arm) => [arm, runs.map((row) => of(row[arm]))])),
        ]),
      );
    return { criteria, tables: { mastered: table((run) => run.mastered), inside: table((run) => run.inside) } };
  },
};
