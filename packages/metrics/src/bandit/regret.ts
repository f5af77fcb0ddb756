import { checkEach, checkFilled, checkFinite, checkInteger, checkLength, type Vec } from "../checks.js";

/**
 * The cumulative pseudo-regret: what was lost in expectation by not always pulling the best arm.
 *
 *   R_t = Σ_{s ≤ t} (max_a μ_a − μ_{a_s})
 *
 * @param means - `[K]`, μ of each arm.
 * @param arms - `[T]`, the arm pulled at each step, in 0 … K − 1.
 * @returns `[T]`, never falling.
 * @throws ValueError for empty lists, a mean that is not finite, or an arm that is none.
 */
export function pseudoRegret(means: Vec, arms: Vec): Float64Array {
  checkFinite("pseudoRegret", "means", means);
  checkArms("pseudoRegret", arms, means.length);
  const best = largest(means);
  return cumulative(arms, (arm) => best - means[arm]!);
}

/**
 * The cumulative pseudo-regret against the best arm of each step, for arms whose means change.
 *
 *   R_t = Σ_{s ≤ t} (max_a μ_{s,a} − μ_{s,a_s})
 *
 * @param means - `[T]` lists `[K]`, μ of each arm at each step.
 * @param arms - `[T]`, the arm pulled at each step, in 0 … K − 1.
 * @returns `[T]`, never falling.
 * @throws ValueError as `pseudoRegret`, or for lists of different lengths.
 */
export function dynamicRegret(means: readonly Vec[], arms: Vec): Float64Array {
  checkFilled("dynamicRegret", "means", means);
  checkLength("dynamicRegret", "arms", arms, "means", means.length);
  const count = means[0]!.length;
  means.forEach((row, t) => {
    checkFinite("dynamicRegret", `means[${t}]`, row);
    checkLength("dynamicRegret", `means[${t}]`, row, "means[0]", count);
  });
  checkArms("dynamicRegret", arms, count);
  return cumulative(arms, (arm, t) => largest(means[t]!) - means[t]![arm]!);
}

/**
 * The simple regret: how much worse the arm recommended in the end is than the best.
 *
 *   max_a μ_a − μ_recommended
 *
 * @throws ValueError for an empty list, a mean that is not finite, or an arm that is none.
 */
export function simpleRegret(means: Vec, recommended: number): number {
  checkFinite("simpleRegret", "means", means);
  checkInteger("simpleRegret", "recommended", recommended, 0, means.length - 1);
  return largest(means) - means[recommended]!;
}

/**
 * How often each arm was pulled.
 *
 * @param arms - `[T]`, the arm pulled at each step.
 * @param count - K.
 * @returns `[K]`.
 * @throws ValueError for an arm outside 0 … K − 1, or K < 1.
 */
export function countPulls(arms: Vec, count: number): Int32Array {
  checkInteger("countPulls", "count", count, 1);
  checkEachArm("countPulls", arms, count);
  const pulls = new Int32Array(count);
  for (let t = 0; t < arms.length; t++) pulls[arms[t]!]!++;
  return pulls;
}

function cumulative(arms: Vec, loss: (arm: number, t: number) => number): Float64Array {
  let sum = 0;
  return Float64Array.from(arms, (arm, t) => {
    sum += loss(arm, t);
    return sum;
  });
}

function largest(values: Vec): number {
  return Array.from(values).reduce((a, b) => Math.max(a, b));
}

function checkArms(caller: string, arms: Vec, count: number): void {
  checkFilled(caller, "arms", arms);
  checkEachArm(caller, arms, count);
}

function checkEachArm(caller: string, arms: Vec, count: number): void {
  const isArm = (arm: number) => Number.isInteger(arm) && arm >= 0 && arm < count;
  checkEach(caller, "arms", arms, `an arm in 0 … ${count - 1}`, isArm);
}
