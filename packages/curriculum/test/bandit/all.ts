import {
  type Bandit,
  type BanditOptions,
  createDiscountedUcb,
  createDumpUcb,
  createEpsilonGreedy,
  createExp3,
  createExp3S,
  createSec,
  createSlidingWindowUcb,
  createThompson,
  createTscl,
  createUcb1,
} from "../../src/bandit/index.js";
import type { TeacherState } from "../../src/teacher/teacher.js";

/** Makes a bandit from the options that all share. */
export type Make = (options: BanditOptions, saved?: TeacherState<string>) => Bandit;

/** Every bandit, with options that make its memory and forgetting matter within a few steps. */
export const bandits: readonly (readonly [name: string, make: Make])[] = [
  ["SEC", (o, saved) => createSec({ temperature: 0.3, ...o }, saved)],
  ["SEC normalized with decay", (o, saved) => createSec({ method: "normalized", unobserved: "decay", ...o }, saved)],
  ["SEC epsilon-greedy", (o, saved) => createSec({ method: "epsilon-greedy", ...o }, saved)],
  [
    "epsilon-greedy",
    ({ epsilonUniform, ...o }, saved) =>
      createEpsilonGreedy({ ...o, ...(epsilonUniform === undefined ? {} : { epsilon: epsilonUniform }) }, saved),
  ],
  [
    "epsilon-greedy by averages",
    ({ epsilonUniform = 0.1, ...o }, saved) =>
      createEpsilonGreedy({ learningRate: "average", epsilon: epsilonUniform, ...o }, saved),
  ],
  ["UCB1", (o, saved) => createUcb1({ ...o }, saved)],
  ["discounted UCB", (o, saved) => createDiscountedUcb({ discount: 0.9, ...o }, saved)],
  ["sliding-window UCB", (o, saved) => createSlidingWindowUcb({ window: 30, ...o }, saved)],
  ["Exp3", (o, saved) => createExp3({ ...o }, saved)],
  ["Exp3.S", (o, saved) => createExp3S({ sharing: 0.02, ...o }, saved)],
  ["Thompson beta", (o, saved) => createThompson({ discount: 0.95, ...o }, saved)],
  ["Thompson gaussian", (o, saved) => createThompson({ posterior: "gaussian", discount: 0.95, ...o }, saved)],
  ["DUMP", (o, saved) => createDumpUcb({ window: 20, ...o }, saved)],
  ["TSCL", (o, saved) => createTscl({ ...o }, saved)],
];
