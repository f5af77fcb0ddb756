import type { CorpusOptions } from "./corpus.js";

/** Everything that decides a planner run, plain JSON. */
export type PlannerSettings = CorpusOptions & {
  /** `language`: stories of a generated language whose best perplexity is known; else a path and its `contentOf`. */
  readonly data:
    | { readonly language: { readonly train: number; readonly test: number } }
    | { readonly path: string; readonly content: string };
  /** Share of the documents that is held out. */
  readonly testShare: number;
  readonly lm: { readonly hidden: number; readonly layers: number; readonly heads: number };
  /** Width of the planner. */
  readonly planner: { readonly hidden: number };
  /** First layers that are not told the plan. */
  readonly skipLayers: number;
  /** Tokens a chunk and chunks a step of the language model. */
  readonly length: number;
  readonly batchSize: number;
  /** Steps of next-action prediction, of the plain model, and of each arm. */
  readonly steps: { readonly planner: number; readonly base: number; readonly arm: number };
  readonly learningRates: { readonly planner: number; readonly base: number; readonly arm: number };
  /** Steps between checkpoints; a stage that ends is saved in any case. */
  readonly checkpointEvery: number;
};

/** The demo of `npm start`: the generated language, about a minute on two cores. */
export const demo: PlannerSettings = {
  data: { language: { train: 2000, test: 200 } },
  testShare: 0.1,
  vocabulary: 99,
  actions: 16,
  embedding: 32,
  seed: 1,
  lm: { hidden: 48, layers: 2, heads: 4 },
  planner: { hidden: 64 },
  skipLayers: 0,
  length: 56,
  batchSize: 16,
  steps: { planner: 400, base: 400, arm: 350 },
  learningRates: { planner: 2e-3, base: 2e-3, arm: 1e-3 },
  checkpointEvery: 50,
};

/** A run on texts of one's own. */
export const text: Omit<PlannerSettings, "data"> = {
  testShare: 0.1,
  vocabulary: 2048,
  actions: 64,
  embedding: 64,
  seed: 1,
  lm: { hidden: 128, layers: 4, heads: 4 },
  planner: { hidden: 128 },
  skipLayers: 1,
  length: 128,
  batchSize: 16,
  steps: { planner: 400, base: 600, arm: 300 },
  learningRates: { planner: 1e-3, base: 1e-3, arm: 5e-4 },
  checkpointEvery: 50,
};
