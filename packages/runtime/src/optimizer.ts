import * as tf from "@tensorflow/tfjs-core";
import { ShapeError, StateError, ValueError } from "@x/core";
import { ownKernel } from "./own-kernel.js";
import { balanced, lanes, parallel } from "./parallel.js";
import { tensorFlowAdam } from "./tensorflow-ops.js";
import { assignAll, type NamedTensors, type NamedVariables } from "./variables.js";

/** A rule that moves variables against their gradients, with the state it needs for that. */
export interface Optimizer {
  /**
   * Makes the state for these variables, once; with the same names and shapes again it does nothing.
   *
   * @throws StateError when it was made for other variables.
   */
  init(variables: NamedVariables): void;
  /** Assigns the variables and the state; `learningRate` η is an argument so that a schedule needs no new program. */
  step(variables: NamedVariables, grads: NamedTensors, learningRate: tf.Scalar): void;
  /** The state by name, to be saved with the variables; empty before `init`. */
  readonly variables: NamedVariables;
  /**
   * Puts saved state in place; after `init`.
   *
   * @throws StateError listing the names that do not fit.
   */
  load(tensors: NamedTensors): void;
  /** Frees the state. */
  dispose(): void;
}

/** Options of `adamW`. */
export interface AdamWOptions {
  /** β₁, decay of the mean of gradients, in [0, 1). Default 0.9. */
  readonly beta1?: number;
  /** β₂, decay of the mean of their squares, in [0, 1). Default 0.999. */
  readonly beta2?: number;
  /** ε, above 0. Default 1e-8. */
  readonly epsilon?: number;
  /** λ, decoupled weight decay, at least 0. Default 0.01. */
  readonly weightDecay?: number;
  /** Which variables decay. Default: matrices and tensors of higher rank, so neither biases nor gains. */
  readonly decays?: (name: string, variable: tf.Variable) => boolean;
}

/**
 * Adam with decoupled weight decay, in PyTorch's order: the decay uses the old θ.
 *
 *   m ← β₁ m + (1 − β₁) g
 *   v ← β₂ v + (1 − β₂) g²
 *   θ ← θ − η λ θ − η · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * The state is `NAME/m` and `NAME/v` for each variable and the count of steps `t`.
 *
 * @throws ValueError when an option lies outside its domain.
 * @paper 1711.05101 algorithm 2
 */
export function adamW(options: AdamWOptions = {}): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01 } = options;
  const decays = options.decays ?? ((_, variable) => variable.rank >= 2);
  check("adamW", "beta1", beta1, beta1 >= 0 && beta1 < 1, "in [0, 1)");
  check("adamW", "beta2", beta2, beta2 >= 0 && beta2 < 1, "in [0, 1)");
  check("adamW", "epsilon", epsilon, epsilon > 0, "above 0");
  check("adamW", "weightDecay", weightDecay, weightDecay >= 0, "at least 0");

  return createOptimizer("adamW", {
    scalars: ["t"],
    slots: ["m", "v"],
    begin(eta, state) {
      const t = state.get("t")!;
      t.assign(tf.add(t, 1));
      const root = tf.sqrt(complement(beta2, t));
      // θ − α m/(√v + ε̂) with the corrections of both means in two scalars.
      const alpha = tf.div<tf.Scalar>(tf.mul(eta, root), complement(beta1, t));
      const epsilonHat = tf.mul<tf.Scalar>(epsilon, root);
      return { alpha, epsilonHat, keep: tf.sub<tf.Scalar>(1, tf.mul(eta, weightDecay)) };
    },
    update(name, theta, g, { m, v }, { alpha, epsilonHat, keep }) {
      const decay = weightDecay > 0 && decays(name, theta);
      const inputs = { theta, m: m!, v: v!, g, alpha, epsilonHat, keep: decay ? keep : tf.scalar(1) };
      const own = ownKernel("AdamW", inputs, { beta1, beta2 });
      if (own) return [theta, m!, v!].forEach((variable, i) => void variable.assign(own[i]!));
      const old = decay ? tf.mul(theta, keep) : theta;
      const scalars = { alpha, epsilonHat, beta1: tf.scalar(beta1), beta2: tf.scalar(beta2), zero: tf.scalar(0) };
      if (tensorFlowAdam(theta, m!, v!, g, old, scalars)) return;
      m!.assign(tf.add(m!, tf.mul(tf.sub(g, m!), 1 - beta1)));
      v!.assign(tf.add(v!, tf.mul(tf.sub(tf.square(g), v!), 1 - beta2)));
      theta.assign(tf.sub(old, tf.mul(alpha, tf.div(m!, tf.add(tf.sqrt(v!), epsilonHat)))));
    },
  });
}

/** 1 − βᵗ without cancellation: −expm1(t ln β). */
function complement(beta: number, t: tf.Tensor): tf.Tensor {
  return beta === 0 ? tf.onesLike(t) : tf.neg(tf.expm1(tf.mul(t, Math.log(beta))));
}

/**
 * Gradient descent with momentum, as in PyTorch.
 *
 *   u ← μ u + g
 *   θ ← θ − η u
 *
 * The state is `NAME/u` for each variable, or nothing when μ = 0.
 *
 * @param options.momentum - μ, in [0, 1). Default 0.
 * @throws ValueError when μ lies outside its domain.
 */
export function sgd(options: { readonly momentum?: number } = {}): Optimizer {
  const { momentum = 0 } = options;
  check("sgd", "momentum", momentum, momentum >= 0 && momentum < 1, "in [0, 1)");
  return createOptimizer("sgd", {
    scalars: [],
    slots: momentum > 0 ? ["u"] : [],
    begin: (eta) => ({ eta }),
    update(_, theta, g, { u }, { eta }) {
      u?.assign(tf.add(tf.mul(u, momentum), g));
      theta.assign(tf.sub(theta, tf.mul(eta, u ?? g)));
    },
  });
}

/** What one rule adds to the life cycle that all share. */
interface Rule<Slot extends string, Scalars> {
  /** Names of the scalars that the rule keeps. */
  readonly scalars: readonly string[];
  /** Names of the tensors that it keeps for each variable. */
  readonly slots: readonly Slot[];
  /** Moves the scalars on, and gives what the updates of all variables share. */
  begin(eta: tf.Scalar, state: NamedVariables): Scalars;
  /** Assigns one variable and its slots. */
  update(
    name: string,
    theta: tf.Variable,
    g: tf.Tensor,
    slots: Readonly<Partial<Record<Slot, tf.Variable>>>,
    shared: Scalars,
  ): void;
}

function createOptimizer<Slot extends string, Scalars>(name: string, rule: Rule<Slot, Scalars>): Optimizer {
  const state = new Map<string, tf.Variable>();
  let shapes: string | undefined;
  const slotsOf = (key: string) =>
    Object.fromEntries(rule.slots.map((slot) => [slot, state.get(`${key}/${slot}`)!])) as Record<Slot, tf.Variable>;

  return {
    variables: state,
    init(variables) {
      const wanted = JSON.stringify(Array.from(variables, ([key, { shape }]) => [key, shape]));
      if (wanted === shapes) return;
      if (shapes !== undefined) throw new StateError(`${name}: one optimizer serves one group, got other variables`);
      for (const scalar of rule.scalars) state.set(scalar, zeros([]));
      for (const [key, { shape }] of variables)
        for (const slot of rule.slots) state.set(`${key}/${slot}`, zeros(shape));
      shapes = wanted;
    },
    step(variables, grads, learningRate) {
      if (shapes === undefined) throw new StateError(`${name}: init must come before step`);
      for (const [key, { shape }] of variables) {
        const grad = grads.get(key);
        if (grad === undefined || !tf.util.arraysEqual(grad.shape, shape))
          throw new ShapeError(`${name}: the gradient of ${key} must be [${shape}], got ${grad && `[${grad.shape}]`}`);
      }
      tf.tidy(() => {
        const shared = rule.begin(learningRate, state);
        const update = ([key, theta]: readonly [string, tf.Variable]) =>
          tf.tidy(() => rule.update(key, theta, grads.get(key)!, slotsOf(key), shared));
        parallel(balanced([...variables], lanes(), ([, { size }]) => size).map((part) => () => part.forEach(update)));
      });
    },
    load(tensors) {
      if (shapes === undefined) throw new StateError(`${name}: init must come before load`);
      assignAll(`${name}.load`, state, tensors);
    },
    dispose() {
      for (const variable of state.values()) variable.dispose();
      state.clear();
      shapes = undefined;
    },
  };
}

function zeros(shape: readonly number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros([...shape]), false));
}

function check(caller: string, argument: string, value: number, holds: boolean, domain: string): void {
  if (!holds) throw new ValueError(`${caller}: ${argument} must be ${domain}, got ${value}`, { argument, value });
}
