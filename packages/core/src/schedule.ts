import { ValueError } from "./errors.js";

/**
 * A number that changes with the step, as plain JSON. `t` is the step, counted from 0.
 *
 * | kind | value at step t |
 * |---|---|
 * | `constant` | `value` |
 * | `linear` | from `from` to `to` over `steps`, then `to` |
 * | `cosine` | from `from` to `to` over `steps` by half a cosine, then `to` |
 * | `exponential` | `max(minimum, from · e^(−rate·t))` |
 * | `warmupStableDecay` | linear up over `warmup`, `peak` over `stable`, linear down to `final` over `decay` |
 * | `warmupCosine` | linear up over `warmup`, then half a cosine from `peak` to `final` until step `steps` |
 * | `inverseSquareRoot` | `peak · min((t+1)/warmup, √(warmup/(t+1)))` |
 * | `inverseSigmoid` | `k / (k + e^(t/k))` |
 * | `piecewise` | the value of the last point whose step is ≤ t |
 */
export type Schedule =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "linear"; readonly from: number; readonly to: number; readonly steps: number }
  | { readonly kind: "cosine"; readonly from: number; readonly to: number; readonly steps: number }
  | { readonly kind: "exponential"; readonly from: number; readonly minimum: number; readonly rate: number }
  | {
      readonly kind: "warmupStableDecay";
      readonly peak: number;
      readonly final: number;
      readonly warmup: number;
      readonly stable: number;
      readonly decay: number;
    }
  | {
      readonly kind: "warmupCosine";
      readonly peak: number;
      readonly final: number;
      readonly warmup: number;
      readonly steps: number;
    }
  | { readonly kind: "inverseSquareRoot"; readonly peak: number; readonly warmup: number }
  | { readonly kind: "inverseSigmoid"; readonly k: number }
  | { readonly kind: "piecewise"; readonly points: readonly (readonly [step: number, value: number])[] };

/**
 * The value of a schedule at a step; a plain number is its own schedule.
 *
 * `inverseSigmoid` is the decay of scheduled sampling, `inverseSquareRoot` the rate of the Transformer with
 * `peak = (width · warmup)^(−1/2)`, the cosine that of SGDR without restarts.
 *
 * @param step - counted from 0.
 * @throws ValueError for a step that is negative or no number, a `piecewise` list that is empty or unsorted, an unknown
 *   kind, or parameters that give no finite value.
 * @paper 1506.03099 section 2.4
 * @paper 1608.03983 eq. 5
 * @paper 1706.03762 eq. 3
 */
export function scheduleValue(schedule: number | Schedule, step: number): number {
  if (!(step >= 0))
    throw new ValueError(`scheduleValue: step must be ≥ 0, got ${step}`, { argument: "step", value: step });
  const value = typeof schedule === "number" ? schedule : evaluate(schedule, step);
  if (!Number.isFinite(value))
    throw new ValueError(
      `scheduleValue: the value must be finite, got ${value} at step ${step} of ${JSON.stringify(schedule)}`,
      { argument: "schedule", value: schedule },
    );
  return value;
}

function evaluate(s: Schedule, step: number): number {
  switch (s.kind) {
    case "constant":
      return s.value;
    case "linear":
      return ramp(s.from, s.to, progress(step, s.steps));
    case "cosine":
      return halfCosine(s.from, s.to, progress(step, s.steps));
    case "exponential":
      return Math.max(s.minimum, s.from * Math.exp(-s.rate * step));
    case "warmupStableDecay":
      if (step < s.warmup) return (s.peak * (step + 1)) / s.warmup;
      return ramp(s.peak, s.final, progress(step - s.warmup - s.stable, s.decay));
    case "warmupCosine":
      if (step < s.warmup) return (s.peak * (step + 1)) / s.warmup;
      return halfCosine(s.peak, s.final, progress(step - s.warmup, s.steps - s.warmup));
    case "inverseSquareRoot":
      return s.peak * Math.min((step + 1) / s.warmup, Math.sqrt(Math.max(1, s.warmup) / (step + 1)));
    case "inverseSigmoid":
      return s.k / (s.k + Math.exp(step / s.k));
    case "piecewise":
      return piecewise(s.points, step);
  }
}

const progress = (step: number, steps: number) => (step >= steps ? 1 : Math.max(0, step / steps));
const ramp = (from: number, to: number, x: number) => (1 - x) * from + x * to;
const halfCosine = (from: number, to: number, x: number) => ramp(from, to, 0.5 * (1 - Math.cos(Math.PI * x)));

function piecewise(points: readonly (readonly [number, number])[], step: number): number {
  if (points.length === 0 || points.some(([at], i) => i > 0 && !(at > points[i - 1]![0])))
    throw new ValueError(`scheduleValue: points must be pairs of rising steps, got ${JSON.stringify(points)}`, {
      argument: "points",
      value: points,
    });
  return (points.findLast(([at]) => at <= step) ?? points[0]!)[1];
}
