import * as tf from "@tensorflow/tfjs-core";
import { type Schedule, ValueError } from "@x/core";
import { adamW } from "@x/runtime";
import { planChunks } from "./chunks.js";
import type { PlanCorpus } from "./corpus.js";
import { checkCodebook, crossEntropies, maskedMean, type PlanTensors, planTensors } from "./objective.js";
import type { Planner } from "./planner.js";
import { identityOf, type TrainControl, type TrainEvent, trainLoop } from "./train-loop.js";

/** Options of {@link trainPlanner}. */
export interface TrainPlannerOptions {
  readonly steps: number;
  /** Chunks a step. Default 32. */
  readonly batchSize?: number;
  /** Tokens a chunk; the actions of the sentences that begin in it count. Default 128. */
  readonly length?: number;
  /** Default 1e-4. */
  readonly learningRate?: number | Schedule;
  /** Decoupled. Default 0. */
  readonly weightDecay?: number;
  /** Bound of the length of the gradient. Default 1. */
  readonly clipNorm?: number;
  readonly seed: number | string;
}

/**
 * Next-action prediction: trains the planner to name the action of each sentence from the sentences before it.
 *
 *   L = −mean log softmax(logits_s)[a_s]
 *
 * A `step` event reports `loss` (L before the step, nats a sentence) and `gradientNorm`. With the same seed and resumed
 * from a checkpoint the losses are those of an uninterrupted run, bit for bit on one backend.
 *
 * @throws ValueError when `steps` is no integer ≥ 1; ConfigError and StateError when the corpus has another codebook.
 * @paper 2404.00614 next-action prediction
 */
export async function* trainPlanner(
  planner: Planner,
  corpus: PlanCorpus,
  options: TrainPlannerOptions & TrainControl,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { steps, batchSize = 32, length = 128, learningRate = 1e-4, weightDecay = 0, clipNorm = 1, seed } = options;
  checkSteps("trainPlanner", steps);
  checkCodebook("trainPlanner", "planner", planner.codebook, corpus);
  const chunks = planChunks(corpus, { length, batchSize, reach: planner.reach, seed });
  yield* trainLoop<PlanTensors>(
    {
      caller: "trainPlanner",
      identity: identityOf("nap", corpus.codebook.id, options),
      parts: [
        { name: "planner", variables: planner.variables, optimizer: adamW({ weightDecay }), from: 0, learningRate },
      ],
      steps,
      clipNorm,
      batch: (step) => planTensors(chunks.batch(step)),
      loss: ({ vectors, vectorMask, actions, actionMask }) => ({
        loss: maskedMean(crossEntropies(planner.logits(vectors, vectorMask), actions), actionMask),
        weight: tf.sum<tf.Scalar>(actionMask),
      }),
    },
    options,
  );
}

/** @throws ValueError when `steps` is no integer ≥ 1. */
export function checkSteps(name: string, steps: number): void {
  if (!(Number.isInteger(steps) && steps >= 1))
    throw new ValueError(`${name}: steps must be an integer ≥ 1, got ${steps}`, { argument: "steps", value: steps });
}
