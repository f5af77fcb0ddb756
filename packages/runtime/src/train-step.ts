import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, ShapeError, ValueError } from "@x/core";
import { checkClipNorm, scaleToNorm } from "./clip.js";
import { jit, programBackend } from "./jit.js";
import type { Optimizer } from "./optimizer.js";
import { parallel } from "./parallel.js";
import { mergeParts, type Part, shardsOf } from "./shards.js";
import { valueAndGrad } from "./value-and-grad.js";
import type { NamedTensors, NamedVariables } from "./variables.js";

/** Variables that one optimiser moves. What is in no group is frozen. */
export interface TrainGroup {
  readonly variables: NamedVariables;
  readonly optimizer: Optimizer;
}

/** What a loss function returns: the loss, or the loss and more. */
export type Loss =
  | tf.Scalar
  | {
      readonly loss: tf.Scalar;
      /** Scalars to be reported with it. */
      readonly metrics?: Readonly<Record<string, tf.Scalar>>;
      /**
       * Of what the loss and the metrics are means, a scalar: with Σ wᵢ of all rows here, ℓ = Σ wᵢ ℓᵢ / Σ wᵢ. Then the batch
       * may be split and its parts computed side by side. Only for a loss whose rows do not know of each other, and that
       * assigns no variable; what is no row, such as the key of noise, is the same for each part.
       */
      readonly weight?: tf.Scalar;
    };

/** Options of `trainStep`. */
export interface TrainStepOptions<B extends Record<string, tf.Tensor>> {
  readonly groups: readonly TrainGroup[];
  /** The loss of a batch; see `jit` for what it may do. */
  readonly loss: (batch: B) => Loss;
  /** Upper bound of the length of all gradients together. Default: none. */
  readonly clipNorm?: number;
  /**
   * When the loss or a gradient is not finite no variable changes; then `"throw"` throws a ValueError (default), and
   * `"skip"` goes on with `skipped` in the report.
   */
  readonly onNonFinite?: "skip" | "throw";
  /**
   * In how many parts the rows of a batch are computed side by side, when the loss gives its `weight`; a divisor of their
   * number. Default: on TensorFlow's CPU the largest one up to the number of cores, elsewhere 1.
   */
  readonly shards?: number;
}

/** The numbers of one step. */
export interface StepReport {
  readonly loss: number;
  /** The length of all gradients together before clipping. */
  readonly gradientNorm: number;
  /** Whether the step changed nothing because a number was not finite. */
  readonly skipped: boolean;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Makes the function that takes one optimisation step.
 *
 *   ℓ, g = loss(batch), ∂ℓ/∂θ;  g ← clip(g);  θ, state ← optimizer(θ, state, g, η)   for each group
 *
 * The parts of a batch that is split give the same up to rounding: ℓ = Σ wₛ ℓₛ / Σ wₛ, and likewise g and the metrics.
 *
 * All state is in the variables of the groups and of their optimisers, whose state is made here (`init`). Where there are
 * programs a step is one, and one that is not finite is undone; elsewhere its numbers are looked at before the update.
 *
 * @returns the step: `(batch, learningRates)`, one rate η for all groups or one for each. It takes no ownership of the
 *   batch and leaves nothing behind but the report.
 * @throws ConfigError when there is no group, or a variable or an optimiser is in two; ValueError for `clipNorm` or `shards`
 *   outside their domain; ShapeError (from the step) when `shards` does not divide the rows.
 */
export function trainStep<B extends Record<string, tf.Tensor>>(
  options: TrainStepOptions<B>,
): (batch: B, learningRates: number | readonly number[]) => StepReport {
  const { groups, loss, clipNorm, shards, onNonFinite = "throw" } = options;
  checkGroups(groups);
  if (clipNorm !== undefined) checkClipNorm("trainStep", clipNorm);
  if (shards !== undefined && !(Number.isSafeInteger(shards) && shards >= 1))
    throw new ValueError(`trainStep: shards must be a positive integer, got ${shards}`, {
      argument: "shards",
      value: shards,
    });
  for (const { optimizer, variables } of groups) optimizer.init(variables);
  const all = new Map(
    groups.flatMap(({ variables }, i) =>
      Array.from(variables, ([name, variable]) => [inGroup(i, name), variable] as const),
    ),
  );

  const partOf = (batch: B): Part => {
    let metricNames: readonly string[] = [];
    let kept: tf.Tensor[] = [];
    try {
      const { value, grads } = valueAndGrad(() => {
        const result = loss(batch);
        if (result instanceof tf.Tensor) return result;
        const { metrics = {}, weight = tf.scalar(1) } = result;
        checkScalars({ ...metrics, weight });
        metricNames = Object.keys(metrics);
        kept = [weight, ...Object.values(metrics)].map((tensor) => tf.keep(tf.cast(tensor, "float32")));
        return result.loss;
      }, all);
      const [weight = tf.scalar(1), ...metrics] = kept;
      return { grads, numbers: tf.stack([value, ...metrics]), weight: tf.clone(weight), metricNames };
    } finally {
      tf.dispose(kept);
    }
  };
  const differentiate = (batch: B) => {
    const parts = parallel(shardsOf(batch, shards, loss).map((part) => () => partOf(part)));
    const { grads, norm, numbers, metricNames } = mergeParts(parts);
    return { grads, norm, numbers: tf.concat([tf.reshape(norm, [1]), numbers]), metricNames };
  };
  const update = (grads: NamedTensors, norm: tf.Scalar, learningRates: readonly tf.Scalar[]) => {
    const clipped = clipNorm === undefined ? grads : scaleToNorm(grads, norm, clipNorm);
    for (const [i, { variables, optimizer }] of groups.entries()) {
      const own = Array.from(variables.keys(), (name) => [name, clipped.get(inGroup(i, name))!] as const);
      optimizer.step(variables, new Map(own), learningRates[i]!);
    }
  };

  const first = jit(differentiate);
  const second = jit(update);
  const inTwo: Step<B> = (batch, rates) => {
    const { grads, norm, numbers, metricNames } = first(batch);
    return disposing([numbers, norm, ...grads.values()], () => {
      const values = numbers.dataSync();
      if (isFiniteStep(values)) second(grads, norm, rates);
      return { values, metricNames };
    });
  };
  const whole = jit((batch: B, rates: readonly tf.Scalar[]) => {
    const { grads, norm, numbers, metricNames } = differentiate(batch);
    update(grads, norm, rates);
    return { numbers, metricNames };
  });
  const state = groups.flatMap(({ variables, optimizer }) => [...variables.values(), ...optimizer.variables.values()]);
  const inOne: Step<B> = (batch, rates) => {
    const before = state.map((variable) => tf.clone<tf.Tensor>(variable));
    return disposing(before, () => {
      const { numbers, metricNames } = whole(batch, rates);
      const values = numbers.dataSync();
      if (!isFiniteStep(values)) for (const [i, variable] of state.entries()) variable.assign(before[i]!);
      numbers.dispose();
      return { values, metricNames };
    });
  };

  return (batch, learningRates) => {
    const rates = checkRates(learningRates, groups.length).map((rate) => tf.scalar(rate));
    const takeStep = programBackend() === undefined ? inTwo : inOne;
    const { values, metricNames } = disposing(rates, () => takeStep(batch, rates));
    const [gradientNorm, value, ...metrics] = values;
    const skipped = !isFiniteStep(values);
    if (skipped && onNonFinite === "throw") {
      throw new ValueError(
        `trainStep: loss and gradients must be finite, got loss ${value} and gradient norm ${gradientNorm}; no variable changed`,
        { argument: "loss", value },
      );
    }
    return {
      loss: value!,
      gradientNorm: gradientNorm!,
      skipped,
      metrics: Object.fromEntries(metricNames.map((name, i) => [name, metrics[i]!])),
    };
  };
}

/** Takes a step if its numbers are finite, and gives them: the gradient's length, the loss, the metrics. */
type Step<B> = (
  batch: B,
  rates: readonly tf.Scalar[],
) => { readonly values: ArrayLike<number> & Iterable<number>; readonly metricNames: readonly string[] };

const isFiniteStep = ([gradientNorm, loss]: ReturnType<Step<never>>["values"]): boolean =>
  Number.isFinite(gradientNorm) && Number.isFinite(loss);

/** Runs `use`, then frees the tensors whatever happened. */
function disposing<R>(tensors: tf.Tensor[], use: () => R): R {
  try {
    return use();
  } finally {
    tf.dispose(tensors);
  }
}

/** The name of a variable among those of all groups. */
function inGroup(group: number, name: string): string {
  return `${group}/${name}`;
}

function checkGroups(groups: readonly TrainGroup[]): void {
  const variables = groups.flatMap((group) => [...group.variables.values()]);
  if (variables.length === 0) throw new ConfigError("trainStep: groups must hold at least one variable, got none");
  if (new Set(variables).size < variables.length)
    throw new ConfigError("trainStep: groups must not share variables, one is in two places");
  if (new Set(groups.map(({ optimizer }) => optimizer)).size < groups.length)
    throw new ConfigError("trainStep: each group needs an optimizer of its own, one is in two groups");
}

/** One rate for each group. */
function checkRates(learningRates: number | readonly number[], groups: number): readonly number[] {
  const rates = typeof learningRates === "number" ? Array<number>(groups).fill(learningRates) : learningRates;
  if (rates.length !== groups || !rates.every((rate) => Number.isFinite(rate) && rate >= 0)) {
    throw new ValueError(
      `trainStep: learningRates must be one finite number ≥ 0, or one for each of ${groups} groups, got ${learningRates}`,
      { argument: "learningRates", value: learningRates },
    );
  }
  return rates;
}

function checkScalars(numbers: Readonly<Record<string, tf.Tensor>>): void {
  for (const [name, { shape }] of Object.entries(numbers))
    if (shape.length > 0) throw new ShapeError(`trainStep: ${name} of the loss must be a scalar, got [${shape}]`);
}
