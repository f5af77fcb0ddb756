import { ValueError } from "@x/core";
import type { Feedback } from "./teacher.js";

/**
 * What a teacher takes as a sign of learning, from the rewards r of a ticket's G rollouts:
 *
 * - `abs-advantage`: mean |A|, A = (r − mean) / std (n − 1 degrees of freedom), GRPO's advantages; 0 where all are equal
 * - `abs-advantage-unnormalized`: mean |r − mean|
 * - `reward`: mean r
 * - `learnability`: p (1 − p) with p = mean r, rewards in [0, 1]
 * - `variance`: the unbiased variance of r, comparable between groups of different size
 *
 * or a function of the feedback. A single rollout is its own advantage, as in the official code. Rewards within 1e-8 of
 * each other count as equal: rounding is no signal.
 *
 * @paper 2505.14970 section 3.2
 */
export type SignalKind =
  | "abs-advantage"
  | "abs-advantage-unnormalized"
  | "reward"
  | "learnability"
  | "variance"
  | ((feedback: Feedback) => number);

/** The signal of one result. @throws ValueError when what the kind needs is missing or a number is not finite. */
export function signalOf(kind: SignalKind, feedback: Feedback, index: number): number {
  const value = feedback.signal ?? (typeof kind === "function" ? kind(feedback) : fromRollouts(kind, feedback, index));
  if (!Number.isFinite(value))
    throw new ValueError(`tell: results[${index}] must give a finite signal, got ${value}`, {
      argument: "signal",
      index,
      value,
    });
  return value;
}

function fromRollouts(kind: Exclude<SignalKind, (f: Feedback) => number>, feedback: Feedback, index: number): number {
  const { advantages, rewards } = feedback;
  const absolute = kind === "abs-advantage" || kind === "abs-advantage-unnormalized";
  if (absolute && advantages !== undefined) return meanOf(advantages, "advantages", index, Math.abs);
  const given = rewards ?? [];
  const mean = meanOf(given, "rewards", index);
  if (kind === "reward") return mean;
  if (kind === "learnability") return mean * (1 - mean);
  const rollouts = given.length;
  if (absolute && rollouts === 1) return Math.abs(mean);
  const deviation = meanOf(given, "rewards", index, (r) => Math.abs(r - mean));
  if (deviation < 1e-8) return 0;
  if (kind === "abs-advantage-unnormalized") return deviation;
  const variance = (meanOf(given, "rewards", index, (r) => (r - mean) ** 2) * rollouts) / (rollouts - 1);
  return kind === "variance" ? variance : deviation / Math.sqrt(variance);
}

function meanOf(values: ArrayLike<number>, argument: string, index: number, of = (x: number) => x): number {
  if (values.length === 0)
    throw new ValueError(`tell: results[${index}] must have ${argument} or a signal, got none`, {
      argument,
      index,
      value: undefined,
    });
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value))
      throw new ValueError(`tell: results[${index}].${argument}[${i}] must be finite, got ${value}`, {
        argument,
        index,
        value,
      });
    sum += of(value);
  }
  return sum / values.length;
}
