import type { Interval } from "@x/metrics/stats";

/** What the number must reach, fixed before the run; `report` judges nothing. */
export type Target =
  | { readonly lowAbove: number }
  | { readonly highBelow: number }
  | { readonly above: number }
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
  run(context: ExperimentContext): Promise<{ readonly criteria: readonly Criterion[]; readonly tables?: unknown }>;
}

/** Judges an interval (or a bare number) against its target. */
export function criterion(
  id: string,
  measured: number | Pick<Interval, "point" | "low" | "high">,
  target: Target,
): Criterion {
  const { point, low, high } =
    typeof measured === "number" ? { point: measured, low: measured, high: measured } : measured;
  const [text, pass] =
    target === "report"
      ? ["reported", null]
      : "lowAbove" in target
        ? [`low > ${target.lowAbove}`, low > target.lowAbove]
        : "highBelow" in target
          ? [`high < ${target.highBelow}`, high < target.highBelow]
          : [`value > ${target.above}`, point > target.above];
  return { id, value: point, low, high, target: text as string, pass: pass as boolean | null };
}
