import type { Interval } from "@x/metrics/stats";

/** What the number must reach, fixed before the run; `report` judges nothing. */
export type Target =
  | { readonly lowAbove: number }
  | { readonly highBelow: number }
  | { readonly above: number }
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | "report";

/** One judged number of an experiment. */
export interface Criterion {
  readonly id: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly target: string;
  /** `null` when the number is only reported. */
  readonly pass: boolean | null;
}

/** What an experiment gets from the command line. */
interface ExperimentContext {
  readonly seeds: readonly number[];
  /** The path given with `--data`. */
  readonly data: string | undefined;
  /** A line of progress, on standard error. */
  readonly say: (line: string) => void;
}

/** An experiment: its criteria are code, written before it ran. */
export interface Experiment {
  readonly name: string;
  readonly defaultSeeds: number;
  /** Whether it computes with tensors, on a backend that its result then names: this process's, or those it returns. */
  readonly tensors: boolean;
  run(context: ExperimentContext): Promise<{
    readonly criteria: readonly Criterion[];
    readonly tables?: unknown;
    readonly backend?: string;
  }>;
}

type Measured = Pick<Interval, "point" | "low" | "high">;

/** Judges an interval (or a bare number) against its target. */
export function criterion(id: string, measured: number | Measured, target: Target): Criterion {
  const interval = typeof measured === "number" ? { point: measured, low: measured, high: measured } : measured;
  const { point: value, low, high } = interval;
  return { id, value, low, high, ...judged(interval, target) };
}

function judged({ point, low, high }: Measured, target: Target): Pick<Criterion, "target" | "pass"> {
  if (target === "report") return { target: "reported", pass: null };
  if ("lowAbove" in target) return { target: `low > ${target.lowAbove}`, pass: low > target.lowAbove };
  if ("highBelow" in target) return { target: `high < ${target.highBelow}`, pass: high < target.highBelow };
  if ("atLeast" in target) return { target: `value ≥ ${target.atLeast}`, pass: point >= target.atLeast };
  if ("atMost" in target) return { target: `value ≤ ${target.atMost}`, pass: point <= target.atMost };
  return { target: `value > ${target.above}`, pass: point > target.above };
}
