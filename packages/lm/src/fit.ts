import { setImmediate } from "node:timers/promises";
import * as tf from "@tensorflow/tfjs-core";
import {
  ConfigError,
  type ProgressEvent,
  parseState,
  type Schedule,
  ShapeError,
  scheduleValue,
  throwIfAborted,
  ValueError,
} from "@x/core";
import {
  type AdamWOptions,
  adamW,
  assignAll,
  type CheckpointState,
  jit,
  type NamedTensors,
  type NamedVariables,
  type Optimizer,
  type RunControl,
  trainStep,
} from "@x/runtime";
import { checkTokens } from "./check-tokens.js";
import { type LogitModel, lossWeight, nextTokenLoss } from "./loss.js";
import type { TokenBatch } from "./pack.js";

/** How a model is trained. */
export interface FitOptions extends RunControl, Pick<AdamWOptions, "beta1" | "beta2" | "weightDecay"> {
  /** Steps to train, those before a resume included. */
  readonly steps: number;
  /** η, a number or a function of the step. */
  readonly learningRate: number | Schedule;
  /** Upper bound of the gradient's length. Default 1. */
  readonly clipNorm?: number;
  /** What is trained. Default the model's variables; those of an adapter leave the model as it is. */
  readonly variables?: NamedVariables;
  /** Batches of held-out text, scored every `evalEvery` steps and at the end. Default none. */
  readonly evaluation?: readonly TokenBatch[];
}

/** Numbers of one step; `step` counts the steps done. */
export type FitStep = {
  /** The loss before the step, nats per token. */
  readonly loss: number;
  /** The gradient's length before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
};

/** What training yields. */
export type FitEvent =
  | ProgressEvent<"step", FitStep>
  /** `nll`: nats per held-out token. */
  | ProgressEvent<"eval", { readonly nll: number; readonly tokens: number }>
  /** For `saveCheckpoint`; its tensors are valid until the next event is asked for. */
  | (ProgressEvent<"checkpoint", Record<never, never>> & { readonly checkpoint: CheckpointState })
  | ProgressEvent<"done", Record<never, never>>;

/**
 * Trains a model to predict the next token, with AdamW.
 *
 *   θ ← AdamW(θ, clip(∇ nextTokenLoss(batch)), η(step))   for each batch
 *
 * A step depends on its number, its batch and the variables alone. A resumed run skips the batches of the steps done, so
 * given the same batches it repeats an uninterrupted run bit for bit on one backend.
 *
 * @param batches - one for each step, such as `shuffledBatches`.
 * @throws ValueError for no batches or fewer than steps, tokens outside the vocabulary, a loss that is not finite, or
 *   options outside their domain.
 * @throws ShapeError when a batch's arrays have not its shape.
 * @throws ConfigError for `evalEvery` without `evaluation`.
 * @throws StateError when the state to resume is of other variables or another version.
 * @throws AbortedError when the signal fires, between two steps.
 */
export async function* fit(
  model: LogitModel & { readonly variables: NamedVariables },
  batches: Iterable<TokenBatch> | AsyncIterable<TokenBatch>,
  options: FitOptions,
): AsyncGenerator<FitEvent, void> {
  checkOptions(options);
  const { steps, learningRate, clipNorm = 1, variables = model.variables, evaluation, ...rest } = options;
  const { signal, resume, checkpointEvery, evalEvery = steps, ...adam } = rest;
  const optimizer = adamW(adam);
  try {
    const train = trainStep<BatchTensors>({
      groups: [{ variables, optimizer }],
      loss: (batch) => ({ loss: nextTokenLoss(model, batch), weight: lossWeight(batch) }),
      clipNorm,
    });
    const first = resume === undefined ? 0 : restore(variables, optimizer, resume);
    let step = 0;
    for await (const batch of first < steps ? batches : []) {
      step++;
      if (step <= first) continue;
      await setImmediate(); // lets signals and servers have their turn
      throwIfAborted(signal);
      const at = { step, total: steps };
      const rate = scheduleValue(learningRate, step - 1);
      const tensors = upload(model, batch);
      const { loss, gradientNorm } = withTensors(tensors, () => train(tensors, rate));
      yield { type: "step", ...at, data: { loss, gradientNorm, learningRate: rate } };

      const due = (every: number) => step % every === 0 || step === steps;
      if (evaluation !== undefined && due(evalEvery)) yield { type: "eval", ...at, data: heldOut(model, evaluation) };
      if (checkpointEvery !== undefined && due(checkpointEvery)) {
        const checkpoint = { step, state: { version: 1 }, tensors: tensorsOf(variables, optimizer) };
        yield { type: "checkpoint", ...at, data: {}, checkpoint };
      }
      if (step === steps) break;
    }
    if (Math.max(step, first) < steps)
      throw new ValueError(`fit: there must be a batch for each of ${steps} steps, got ${step}`, {
        argument: "batches",
        value: step,
      });
    yield { type: "done", step: steps, total: steps, data: {} };
  } finally {
    optimizer.dispose();
  }
}

type BatchTensors = { tokens: tf.Tensor2D; lossMask: tf.Tensor2D };

function upload(model: { readonly vocabSize: number }, { tokens, lossMask, shape }: TokenBatch): BatchTensors {
  const size = shape[0] * shape[1];
  if (tokens.length !== size || lossMask.length !== size)
    throw new ShapeError(
      `fit: tokens and lossMask of a batch [${shape}] must have ${size} entries, got ${tokens.length} and ${lossMask.length}`,
    );
  for (let row = 0; row < shape[0]; row++)
    checkTokens("fit", tokens.subarray(row * shape[1], (row + 1) * shape[1]), model.vocabSize, row);
  // tfjs holds on to the array it is given, and the caller may fill it anew.
  return {
    tokens: tf.tensor2d(tokens.slice(), [...shape], "int32"),
    lossMask: tf.tensor2d(lossMask.slice(), [...shape]),
  };
}

const meanLoss = jit((model: LogitModel, batch: BatchTensors) => nextTokenLoss(model, batch));

/** Runs `fn` and disposes the tensors, whatever happens. */
function withTensors<R>(tensors: BatchTensors, fn: () => R): R {
  try {
    return fn();
  } finally {
    tf.dispose(tensors);
  }
}

function heldOut(model: LogitModel, batches: readonly TokenBatch[]): { nll: number; tokens: number } {
  let nats = 0;
  let tokens = 0;
  for (const batch of batches) {
    const tensors = upload(model, batch);
    const mean = withTensors(tensors, () => meanLoss(model, tensors));
    nats += mean.dataSync()[0]! * labels(batch);
    tokens += labels(batch);
    mean.dispose();
  }
  return { nll: nats / tokens, tokens };
}

/** The weight of a batch: of every token but the first of each row. */
function labels({ lossMask, shape }: TokenBatch): number {
  return lossMask.reduce((sum, weight, i) => (i % shape[1] === 0 ? sum : sum + weight), 0);
}

function tensorsOf(variables: NamedVariables, optimizer: Optimizer): NamedTensors {
  return new Map<string, tf.Tensor>([
    ...Array.from(variables, ([name, value]) => [`model/${name}`, value] as const),
    ...Array.from(optimizer.variables, ([name, value]) => [`optimizer/${name}`, value] as const),
  ]);
}

/** Puts a saved state in place and returns how many steps it has seen. */
function restore(variables: NamedVariables, optimizer: Optimizer, { step, state, tensors }: CheckpointState): number {
  parseState(state, 1);
  const under = (prefix: string) =>
    new Map(
      [...tensors].flatMap(([name, tensor]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [])),
    );
  assignAll("fit", variables, under("model/"));
  optimizer.load(under("optimizer/"));
  return step;
}

function checkOptions(options: FitOptions): void {
  for (const argument of ["steps", "evalEvery", "checkpointEvery"] as const) {
    const value = options[argument];
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 1))
      throw new ValueError(`fit: ${argument} must be a positive integer, got ${value}`, { argument, value });
  }
  const { evaluation, evalEvery } = options;
  if (evalEvery !== undefined && evaluation === undefined)
    throw new ConfigError(`fit: evalEvery needs evaluation, got evalEvery ${evalEvery} and no evaluation`);
  if (evaluation !== undefined && !evaluation.some((batch) => labels(batch) > 0))
    throw new ValueError(`fit: evaluation must hold a label, got ${evaluation.length} batches without one`, {
      argument: "evaluation",
      value: evaluation.length,
    });
}
