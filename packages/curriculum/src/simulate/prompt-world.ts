import type { Rng } from "@x/core";
import { drawBeta } from "../bandit/draw.js";
import { checkInteger } from "../checks.js";

/**
 * Prompts with a few answers each and a log-linear policy whose parameters θ all prompts share.
 *
 *   π(a | i) = softmaxₐ(θ · φᵢₐ)
 */
export interface PromptWorld {
  readonly answers: number;
  /** Length of φ and of θ. */
  readonly features: number;
  /** φ of each prompt, `[answers, features]` row-major. */
  readonly inputs: readonly Float64Array[];
  /** How many answers of each prompt are right: the first ones. */
  readonly correct: readonly number[];
}

/** What a prompt's draws brought: those with a right answer. */
export interface Draws {
  readonly drawn: number;
  /** ∇ log π of each accepted answer. */
  readonly gradients: readonly Float64Array[];
}

/** Exact moments of one draw from each prompt, over all of its answers. */
export interface GradientMoments {
  /** p: the chance of a right answer. */
  readonly acceptRate: Float64Array;
  /** G = √E‖g‖² of the right answers' gradients g = ∇ log π. */
  readonly gradNorm: Float64Array;
  /** E‖g‖²/p − ‖E g‖²: the variance of 1[right] g/p, which estimates ∇ log p without bias. */
  readonly variance: Float64Array;
}

/**
 * A world at random: right answers are a Beta(0.6, 1.2) share of all (at least one, never all), φ is normal with a scale
 * log-normal(0.8) for each prompt. At θ = 0 every answer is equally likely, so p is that share.
 *
 * @param options - `prompts` default 48, `answers` default 64, `features` default 24.
 */
export function createPromptWorld(
  rng: Rng,
  options: { readonly prompts?: number; readonly answers?: number; readonly features?: number } = {},
): PromptWorld {
  const { prompts = 48, answers = 64, features = 24 } = options;
  checkInteger("createPromptWorld", "prompts", prompts, 1);
  checkInteger("createPromptWorld", "answers", answers, 2);
  checkInteger("createPromptWorld", "features", features, 1);
  const correct = Array.from({ length: prompts }, () => {
    const share = Math.round(answers * drawBeta(rng, 0.6, 1.2));
    return Math.min(Math.max(share, 1), answers - 1);
  });
  const inputs = correct.map(() => {
    const scale = Math.exp(0.8 * rng.normal()) / Math.sqrt(features);
    return Float64Array.from({ length: answers * features }, () => scale * rng.normal());
  });
  return { answers, features, inputs, correct };
}

/** The exact chance p of a right answer to a prompt. */
export function acceptRate(world: PromptWorld, theta: Float64Array, prompt: number): number {
  return rightMass(world, probabilities(world, theta, prompt), prompt);
}

/** The objective of training: mean log p over the prompts. */
export function meanLogAcceptance(world: PromptWorld, theta: Float64Array): number {
  const { length } = world.correct;
  return world.correct.reduce((sum, _, prompt) => sum + Math.log(acceptRate(world, theta, prompt)), 0) / length;
}

/** Answers a prompt `n` times. */
export function drawAnswers(world: PromptWorld, theta: Float64Array, prompt: number, n: number, rng: Rng): Draws {
  checkInteger("drawAnswers", "n", n, 0);
  const policy = probabilities(world, theta, prompt);
  const mean = meanInput(world, policy, prompt);
  const answers = Array.from({ length: n }, () => rng.categorical(policy));
  const accepted = answers.filter((answer) => answer < world.correct[prompt]!);
  return { drawn: n, gradients: accepted.map((answer) => scoreOf(world, mean, prompt, answer)) };
}

/**
 * The gradient that rejection sampling follows: the mean over prompts of the mean of the accepted gradients. A prompt
 * without any adds nothing.
 *
 * @param draws - one for each prompt.
 */
export function raftGradient(world: PromptWorld, draws: readonly Draws[]): Float64Array {
  const gradient = new Float64Array(world.features);
  for (const { gradients } of draws)
    for (const score of gradients)
      for (let f = 0; f < gradient.length; f++) gradient[f]! += score[f]! / gradients.length / draws.length;
  return gradient;
}

/**
 * The exact moments that allocation of draws needs, by enumeration of all answers.
 *
 * @paper 2505.02391 variance of the gradient
 */
export function gradientMoments(world: PromptWorld, theta: Float64Array): GradientMoments {
  const rows = world.correct.map((right, prompt) => {
    const policy = probabilities(world, theta, prompt);
    const mean = meanInput(world, policy, prompt);
    const p = rightMass(world, policy, prompt);
    const expected = new Float64Array(world.features);
    let square = 0;
    for (let answer = 0; answer < right; answer++) {
      const score = scoreOf(world, mean, prompt, answer);
      square += (policy[answer]! / p) * dot(score, score);
      for (let f = 0; f < expected.length; f++) expected[f]! += (policy[answer]! / p) * score[f]!;
    }
    return { p, norm: Math.sqrt(square), variance: square / p - dot(expected, expected) };
  });
  return {
    acceptRate: Float64Array.from(rows, (row) => row.p),
    gradNorm: Float64Array.from(rows, (row) => row.norm),
    variance: Float64Array.from(rows, (row) => row.variance),
  };
}

/** π(· | prompt). */
function probabilities({ inputs, answers, features, correct }: PromptWorld, theta: Float64Array, prompt: number) {
  checkInteger("prompt world", "prompt", prompt, 0, correct.length - 1);
  checkInteger("prompt world", "theta.length", theta.length, features, features);
  const policy = new Float64Array(answers);
  for (let answer = 0; answer < answers; answer++)
    for (let f = 0; f < features; f++) policy[answer]! += theta[f]! * inputs[prompt]![answer * features + f]!;
  const top = policy.reduce((a, b) => Math.max(a, b));
  let total = 0;
  for (let answer = 0; answer < answers; answer++) total += policy[answer] = Math.exp(policy[answer]! - top);
  return policy.map((weight) => weight / total);
}

/** E φ under the policy. */
function meanInput({ inputs, answers, features }: PromptWorld, policy: Float64Array, prompt: number): Float64Array {
  const mean = new Float64Array(features);
  for (let answer = 0; answer < answers; answer++)
    for (let f = 0; f < features; f++) mean[f]! += policy[answer]! * inputs[prompt]![answer * features + f]!;
  return mean;
}

/** ∇ log π(answer) = φ − E φ. */
function scoreOf({ inputs, features }: PromptWorld, mean: Float64Array, prompt: number, answer: number): Float64Array {
  return mean.map((value, f) => inputs[prompt]![answer * features + f]! - value);
}

function rightMass({ correct }: PromptWorld, policy: Float64Array, prompt: number): number {
  let mass = 0;
  for (let answer = 0; answer < correct[prompt]!; answer++) mass += policy[answer]!;
  return mass;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
