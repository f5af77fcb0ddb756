import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, createRng, type Schedule, scheduleValue, ValueError } from "@x/core";
import { adamW } from "@x/runtime";
import type { Selection } from "@x/soft-select";
import { planChunks } from "./chunks.js";
import type { PlanCorpus } from "./corpus.js";
import {
  checkModel,
  maskedMean,
  type PlannedModel,
  type PlanSource,
  type PlanTensors,
  planningLosses,
  planTensors,
} from "./objective.js";
import { identityOf, type TrainControl, type TrainEvent, type TrainPart, trainLoop } from "./train-loop.js";
import { checkSteps } from "./train-planner.js";

/** When a part learns: never, always, or from a step on, given as a fraction of all steps below 1 or as a number ≥ 1. */
export type Training = "frozen" | "train" | { readonly unfreezeAt: number };

/** Options of {@link trainJoint}. */
export interface TrainJointOptions {
  readonly steps: number;
  /** Where plans come from. Default `"planner"`; the others are the baselines, with the same data in the same order. */
  readonly source?: PlanSource;
  /** How the planner's logits become a plan. Default `{ kind: "soft" }`. */
  readonly selection?: Selection;
  /** Default `"frozen"`. */
  readonly planner?: Training;
  /** Default `"frozen"`. */
  readonly lm?: Training;
  /** The action embeddings E_ℓ; the projections always learn. Default `"train"`. */
  readonly codebook?: Training;
  /** λ, the weight of next-action prediction, which keeps a planner that learns from forgetting. Default 1. */
  readonly napWeight?: number;
  /**
   * `"stopped"` keeps the language model's loss from the planner, which then learns by next-action prediction alone: the
   * control against which training end to end has to win. Default `"through"`.
   */
  readonly planGradient?: "through" | "stopped";
  /** Replaces a share of the plans by true actions: scheduled sampling. Default: none. */
  readonly oracle?: { readonly mode: "bernoulli" | "convex"; readonly probability: number | Schedule };
  /** τ, in place of the selection's own. */
  readonly temperature?: number | Schedule;
  /** Defaults: adapter 1e-4, lm as the adapter, planner a tenth of the adapter's when that is a number, else 1e-5. */
  readonly learningRates?: {
    readonly adapter?: number | Schedule;
    readonly lm?: number | Schedule;
    readonly planner?: number | Schedule;
  };
  /** Decoupled. Default 0. */
  readonly weightDecay?: number;
  /** Bound of the length of all gradients together. Default 1. */
  readonly clipNorm?: number;
  /** Chunks a step. Default 32. */
  readonly batchSize?: number;
  /** Tokens a chunk. Default 128. */
  readonly length?: number;
  readonly seed: number | string;
}

/**
 * Trains the language model's adapter, and on demand the model, the action embeddings and the planner, to predict the
 * next token given the plan.
 *
 *   w = select(planner logits);   L = mean −log p(token | tokens before, w) + λ · mean −log softmax(logits)[action]
 *
 * With a soft selection the first term reaches the planner too. Every part has an optimiser of its own, which starts
 * when the part does.
 *
 * A `step` event reports `loss` (L before the step), `ntp` (nats a token), `nap` (nats a sentence, source `planner`
 * only) and `gradientNorm`. With the same seed and resumed from a checkpoint the losses are those of an uninterrupted
 * run, bit for bit on one backend.
 *
 * Differs from the paper: the planner's rate is a tenth of the adapter's, not the same.
 *
 * @throws ConfigError when a part that the source needs is missing, numbers of actions differ, `unfreezeAt` is outside
 *   the run, or nothing learns at the first step.
 * @throws StateError when adapter, planner and corpus are not of one codebook, or the state to resume is of another run.
 * @throws ValueError when `steps` is no integer ≥ 1, or a temperature is not above 0.
 * @paper 2410.12492 end-to-end training
 */
export async function* trainJoint(
  model: PlannedModel,
  corpus: PlanCorpus,
  options: TrainJointOptions & TrainControl,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { steps, source = "planner", selection = { kind: "soft" }, napWeight = 1, oracle, temperature } = options;
  const { planGradient = "through" } = options;
  const { batchSize = 32, length = 128, clipNorm = 1, seed } = options;
  checkSteps("trainJoint", steps);
  checkModel("trainJoint", model, corpus, source);
  const chunks = planChunks(corpus, { length, batchSize, reach: model.planner?.reach ?? 0, seed });
  const noise = createRng(seed).split("noise");
  const rule = { source, selection, planGradient, training: true, ...(oracle && { oracleMode: oracle.mode }) };

  yield* trainLoop<PlanTensors>(
    {
      caller: "trainJoint",
      identity: identityOf("joint", corpus.codebook.id, options),
      parts: trainedParts(model, source, options),
      steps,
      clipNorm,
      batch: (step) =>
        planTensors(chunks.batch(step), {
          temperature: temperature === undefined ? undefined : temperatureAt(temperature, step),
          oracleProbability: scheduleValue(oracle?.probability ?? 0, step),
          key: noise.split(`step ${step}`).seed(),
        }),
      loss: (batch) => {
        const losses = planningLosses(model, batch, rule);
        const ntp = maskedMean(losses.ntp, batch.lossMask);
        if (losses.nap === undefined) return { loss: ntp, metrics: { ntp }, weight: tf.sum<tf.Scalar>(batch.lossMask) };
        const nap = maskedMean(losses.nap, batch.actionMask);
        return { loss: tf.add(ntp, tf.mul(napWeight, nap)), metrics: { ntp, nap } };
      },
    },
    options,
  );
}

function temperatureAt(temperature: number | Schedule, step: number): number {
  const value = scheduleValue(temperature, step);
  if (value > 0 && value < Number.POSITIVE_INFINITY) return value;
  throw new ValueError(`trainJoint: temperature must be finite and > 0, got ${value} at step ${step}`, {
    argument: "temperature",
    value,
  });
}

function trainedParts(
  { lm, adapter, planner }: PlannedModel,
  source: PlanSource,
  options: TrainJointOptions,
): TrainPart[] {
  const { steps, weightDecay = 0, learningRates = {} } = options;
  const rate = learningRates.adapter ?? 1e-4;
  const plannerRate = learningRates.planner ?? (typeof rate === "number" ? 0.1 * rate : 1e-5);
  const candidates = [
    { name: "lm", variables: lm.variables, from: options.lm ?? "frozen", learningRate: learningRates.lm ?? rate },
    ...(adapter && source !== "none"
      ? [
          { name: "adapter", variables: adapter.projections, from: "train" as const, learningRate: rate },
          { name: "codebook", variables: adapter.codebooks, from: options.codebook ?? "train", learningRate: rate },
        ]
      : []),
    ...(planner && source === "planner"
      ? [
          {
            name: "planner",
            variables: planner.variables,
            from: options.planner ?? "frozen",
            learningRate: plannerRate,
          },
        ]
      : []),
  ];
  const parts = candidates
    .map((part) => ({ ...part, from: firstStep(part.name, part.from, steps), optimizer: adamW({ weightDecay }) }))
    .filter((part) => part.from < steps);
  if (!parts.some((part) => part.from === 0))
    throw new ConfigError(
      `trainJoint: something must learn at the first step, got source "${source}" and lm ${JSON.stringify(options.lm ?? "frozen")}`,
    );
  return parts;
}

/** The step at which a part starts to learn; infinite when it never does. */
function firstStep(name: string, training: Training, steps: number): number {
  if (training === "train") return 0;
  if (training === "frozen") return Number.POSITIVE_INFINITY;
  const at = training.unfreezeAt;
  const step = at < 1 ? Math.floor(at * steps) : at;
  if (Number.isInteger(step) && step >= 0 && step < steps) return step;
  throw new ConfigError(
    `trainJoint: ${name}.unfreezeAt must be a fraction in [0, 1) or a step below ${steps}, got ${at}`,
  );
}
