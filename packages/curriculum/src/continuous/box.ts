import { type Rng, ValueError } from "@x/core";
import { checkValue } from "../checks.js";
import type { SignalKind } from "../teacher/signal.js";
import type { Diagnostics, Teacher, Told } from "../teacher/teacher.js";

/** The tasks x with low[i] ≤ x[i] ≤ high[i]. */
export interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** Options of every teacher that draws tasks from a box. */
export interface ContinuousOptions {
  /** The task space, d dimensions. */
  readonly box: Box;
  readonly seed: number | string;
  /** What is learnt from a result. Default `reward`. */
  readonly signal?: SignalKind;
}

/** A teacher whose tasks are points of a box; a ticket's `probability` is the density that its task was drawn with. */
export type ContinuousTeacher<D extends Diagnostics = Diagnostics> = Teacher<number[], D>;

/** Refuses a box without dimensions, with bounds that are not finite, or without room between them. */
export function checkBox(caller: string, { low, high }: Box): void {
  checkValue(caller, "box.low.length", low.length, "≥ 1", low.length > 0);
  checkValue(caller, "box.high.length", high.length, `box.low.length = ${low.length}`, high.length === low.length);
  for (let i = 0; i < low.length; i++) {
    checkValue(caller, "box.low", low[i], "finite", Number.isFinite(low[i]), i);
    const room = high[i]! > low[i]! && Number.isFinite(high[i]! - low[i]!);
    checkValue(caller, "box.high", high[i], `finite and > box.low[${i}] = ${low[i]}`, room, i);
  }
}

/** The length of each side. */
export const sides = ({ low, high }: Box): number[] => low.map((bound, i) => high[i]! - bound);

/** The product of the sides. */
export const volume = (box: Box): number => sides(box).reduce((a, b) => a * b, 1);

export const contains = ({ low, high }: Box, task: ArrayLike<number>): boolean =>
  low.every((bound, i) => task[i]! >= bound && task[i]! <= high[i]!);

/** The point of the box that is nearest to `task`. */
export const clip = ({ low, high }: Box, task: ArrayLike<number>): number[] =>
  low.map((bound, i) => Math.min(Math.max(task[i]!, bound), high[i]!));

export const uniform = (box: Box, rng: Rng): number[] =>
  clip(
    box,
    sides(box).map((side, i) => box.low[i]! + side * rng.float()),
  );

/** An index in proportion to its weight; any when all weights are 0. */
export const proportional = (weights: readonly number[], rng: Rng): number =>
  weights.some((w) => w > 0) ? rng.categorical(weights) : rng.int(weights.length);

/** The chances that `proportional` draws with. */
export function shares(weights: readonly number[]): number[] {
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => (total > 0 ? w / total : 1 / weights.length));
}

/** Refuses rewards whose squares would overflow. */
export function checkRewards(caller: string, told: readonly Told<number[]>[]): void {
  told.forEach(({ signal, ticket }, index) => {
    if (Math.abs(signal) <= 1e100) return;
    const message = `${caller}.tell: the signal of ticket ${ticket.id} must be in [-1e100, 1e100], got ${signal}`;
    throw new ValueError(message, { argument: "signal", index, value: signal });
  });
}
