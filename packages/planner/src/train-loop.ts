import "@x/core/gradients";
import * as tf from "@tensorflow/tfjs-core";
import { type Json, type ProgressEvent, type Schedule, StateError, scheduleValue, ValueError } from "@x/core";
import {
  assignAll,
  type CheckpointState,
  type Loss,
  type NamedTensors,
  type NamedVariables,
  type Optimizer,
  type RunControl,
  trainStep,
} from "@x/runtime";
import { breathe } from "./breathe.js";

/** What training steps yield: numbers after each step, and what resuming needs. */
export type TrainEvent =
  | ProgressEvent<"step", { readonly [metric: string]: number }>
  | (ProgressEvent<"checkpoint", Record<never, never>> & { readonly checkpoint: CheckpointState });

/** How a run is controlled from outside. */
export type TrainControl = Pick<RunControl, "signal" | "resume" | "checkpointEvery">;

/** Variables that one optimiser trains, from a step on. */
export interface TrainPart {
  readonly name: string;
  readonly variables: NamedVariables;
  readonly optimizer: Optimizer;
  /** The first step that trains them, counted from 0. */
  readonly from: number;
  readonly learningRate: number | Schedule;
}

/** What identifies a run: its stage, its actions and all options that shape it; a tensor among them only as such. */
export function identityOf(stage: string, codebook: string, options: TrainControl): { readonly [key: string]: Json } {
  const { signal: _, resume: __, checkpointEvery: ___, ...own } = options;
  const plain = JSON.stringify(own, (_key, value) => (value instanceof tf.Tensor ? "tensor" : value));
  return { stage, codebook, options: JSON.parse(plain) };
}

interface LoopOptions<B extends Record<string, tf.Tensor>> {
  readonly caller: string;
  /** What a resumed run must have in common with the saved one. */
  readonly identity: { readonly [key: string]: Json };
  readonly parts: readonly TrainPart[];
  readonly steps: number;
  readonly batch: (step: number) => B;
  readonly loss: (batch: B) => Loss;
  readonly clipNorm: number;
}

/**
 * Runs train steps. A step depends on its number, the variables and the optimisers alone, so that a resumed run repeats
 * an uninterrupted one bit for bit. When a part joins, a new step is made; those that train already keep their moments.
 * Disposes the optimisers at its end.
 *
 * @throws StateError when the state to resume is of another run.
 * @throws ValueError when `checkpointEvery` is no integer ≥ 1.
 * @throws AbortedError when the signal fires.
 */
export async function* trainLoop<B extends Record<string, tf.Tensor>>(
  options: LoopOptions<B>,
  control: TrainControl,
): AsyncGenerator<TrainEvent, void, undefined> {
  const { caller, identity, parts, steps, clipNorm } = options;
  const { signal, resume, checkpointEvery } = control;
  if (checkpointEvery !== undefined && !(Number.isInteger(checkpointEvery) && checkpointEvery >= 1))
    throw new ValueError(`${caller}: checkpointEvery must be an integer ≥ 1, got ${checkpointEvery}`, {
      argument: "checkpointEvery",
      value: checkpointEvery,
    });
  const active = (step: number) => parts.filter((part) => part.from <= step);
  const makeStep = (step: number) => trainStep<B>({ groups: active(step), loss: options.loss, clipNorm });
  const first = resume?.step ?? 0;

  try {
    let train = makeStep(Math.max(0, first - 1));
    if (resume !== undefined) restore(caller, identity, active(first - 1), resume);
    for (let step = first; step < steps; step++) {
      await breathe(signal);
      if (step > 0 && parts.some((part) => part.from === step)) train = makeStep(step);
      const batch = options.batch(step);
      const rates = active(step).map((part) => scheduleValue(part.learningRate, step));
      const { loss, gradientNorm, metrics } = disposing(batch, () => train(batch, rates));
      const at = { step: step + 1, total: steps };
      yield { type: "step", ...at, data: { loss, gradientNorm, ...metrics } };
      if (checkpointEvery !== undefined && (step + 1) % checkpointEvery === 0) {
        const checkpoint = { step: step + 1, state: { version: 1, ...identity }, tensors: tensorsOf(active(step)) };
        yield { type: "checkpoint", ...at, data: {}, checkpoint };
      }
    }
  } finally {
    for (const { optimizer } of parts) optimizer.dispose();
  }
}

/** Runs `use`, then frees the batch whatever happened. */
function disposing<R>(batch: Record<string, tf.Tensor>, use: () => R): R {
  try {
    return use();
  } finally {
    tf.dispose(batch);
  }
}

function tensorsOf(parts: readonly TrainPart[]): NamedTensors {
  return new Map(
    parts.flatMap(({ name, variables, optimizer }) => [
      ...Array.from(variables, ([key, value]) => [`${name}/${key}`, value] as const),
      ...Array.from(optimizer.variables, ([key, value]) => [`${name}.optimizer/${key}`, value] as const),
    ]),
  );
}

function restore(
  caller: string,
  identity: { readonly [key: string]: Json },
  parts: readonly TrainPart[],
  { state, tensors }: CheckpointState,
): void {
  const expected = { version: 1, ...identity };
  if (JSON.stringify(state, sorted) !== JSON.stringify(expected, sorted))
    throw new StateError(
      `${caller}: a run must be resumed with its own options ${JSON.stringify(expected)}, got ${JSON.stringify(state)}`,
    );
  for (const { name, variables, optimizer } of parts) {
    assignAll(caller, variables, under(`${name}/`, tensors));
    optimizer.load(under(`${name}.optimizer/`, tensors));
  }
}

/** For `JSON.stringify`: objects with the same entries give the same text. */
const sorted = (_key: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;

function under(prefix: string, tensors: NamedTensors): NamedTensors {
  return new Map(
    [...tensors].filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]),
  );
}
