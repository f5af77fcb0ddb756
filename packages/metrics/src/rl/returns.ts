import { checkEach, checkFinite, checkLength, checkValue, type Vec } from "../checks.js";
import { variance } from "../stats/moments.js";

/** How the steps of a trajectory hang together. */
export interface ReturnOptions {
  /** γ in [0, 1]. */
  readonly discount: number;
  /** `[T]`, 1 = the episode ended with this step: nothing after it counts. Default all 0. */
  readonly dones?: Vec;
  /** Value of the state after the last step, where the trajectory was cut. Default 0. */
  readonly lastValue?: number;
}

/**
 * The discounted sum of the rewards from each step on.
 *
 *   G_t = r_t + γ (1 − done_t) G_{t+1},  G_T = lastValue
 *
 * @param rewards - `[T]`, in the order of time; several episodes may follow each other.
 * @returns `[T]`.
 * @throws ValueError for an empty list, lists of different lengths, a number that is not finite, a `done` that is not 0 or
 *   1, or a discount outside [0, 1].
 */
export function discountedReturns(rewards: Vec, options: ReturnOptions): Float64Array {
  checkFinite("discountedReturns", "rewards", rewards);
  checkReturnOptions("discountedReturns", rewards.length, options);
  return discountedSums(Float64Array.from(rewards), options.discount, options.dones, options.lastValue ?? 0);
}

/**
 * Generalised advantage estimation.
 *
 *   Â_t = Σ_l (γλ)ˡ δ_{t+l},  δ_t = r_t + γ (1 − done_t) V_{t+1} − V_t,  V_T = lastValue
 *
 * Sums end with the episode. λ = 1 gives returns minus values, λ = 0 the one-step error; Â + V is the target of a critic.
 *
 * @param rewards - `[T]`.
 * @param values - `[T]`, the critic's V_t of the state before each step.
 * @param options - as `discountedReturns`; `traceDecay`: λ in [0, 1].
 * @returns advantages `[T]`.
 * @throws ValueError as `discountedReturns`, or for a trace decay outside [0, 1].
 * @paper 1506.02438 eq. 16
 */
export function gae(rewards: Vec, values: Vec, options: ReturnOptions & { readonly traceDecay: number }): Float64Array {
  const { discount, traceDecay, dones, lastValue = 0 } = options;
  const T = rewards.length;
  checkFinite("gae", "rewards", rewards);
  checkFinite("gae", "values", values);
  checkLength("gae", "values", values, "rewards", T);
  checkReturnOptions("gae", T, options);
  checkShare("gae", "traceDecay", traceDecay);
  const errors = Float64Array.from(rewards, (reward, t) => {
    const next = t + 1 < T ? values[t + 1]! : lastValue;
    return reward + (dones?.[t] ? 0 : discount * next) - values[t]!;
  });
  return discountedSums(errors, discount * traceDecay, dones, 0);
}

/**
 * The share of the targets' variance that predictions explain: 1 is perfect, 0 as good as a constant, below 0 worse.
 *
 *   1 − Var(y − ŷ) / Var(y)
 *
 * A constant error goes unseen. NaN where the targets are all equal.
 *
 * @param targets - `[N]`, y: the returns.
 * @param predictions - `[N]`, ŷ: the critic's values.
 * @throws ValueError for empty lists, lists of different lengths, or a number that is not finite.
 */
export function explainedVariance(targets: Vec, predictions: Vec): number {
  checkFinite("explainedVariance", "targets", targets);
  checkFinite("explainedVariance", "predictions", predictions);
  checkLength("explainedVariance", "predictions", predictions, "targets", targets.length);
  const y = Float64Array.from(targets);
  if (y.every((target) => target === y[0])) return Number.NaN;
  return 1 - variance(y.map((target, i) => target - predictions[i]!)) / variance(y);
}

/** Sₜ = xₜ + factor · (1 − doneₜ) · Sₜ₊₁, backwards and in place. */
function discountedSums(terms: Float64Array, factor: number, dones: Vec | undefined, last: number): Float64Array {
  let sum = last;
  for (let t = terms.length - 1; t >= 0; t--) {
    sum = terms[t]! + (dones?.[t] ? 0 : factor * sum);
    terms[t] = sum;
  }
  return terms;
}

function checkReturnOptions(caller: string, T: number, { discount, dones, lastValue = 0 }: ReturnOptions): void {
  checkShare(caller, "discount", discount);
  checkValue(caller, "lastValue", lastValue, "finite", Number.isFinite(lastValue));
  if (dones === undefined) return;
  checkLength(caller, "dones", dones, "rewards", T);
  checkEach(caller, "dones", dones, "0 or 1", (done) => done === 0 || done === 1);
}

function checkShare(caller: string, argument: string, value: number): void {
  checkValue(caller, argument, value, "in [0, 1]", value >= 0 && value <= 1);
}
