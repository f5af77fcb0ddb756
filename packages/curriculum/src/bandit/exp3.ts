import { ConfigError } from "@x/core";
import { checkInteger, checkShare, checkValue } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, UnitBanditOptions } from "./bandit.js";
import { countArms, createBandit } from "./create-bandit.js";
import { softmax } from "./selection.js";

/** Options of `createExp3`. */
export interface Exp3Options extends UnitBanditOptions {
  /** γ in (0, 1]. Default 0.1. */
  readonly exploration?: number;
  /** T, the number of results to come, when it is known: γ = min(1, √(K ln K / ((e − 1) T))). */
  readonly horizon?: number;
}

/** Options of `createExp3S`. */
export interface Exp3SOptions extends UnitBanditOptions {
  /** γ in (0, 1]. Default 0.1. */
  readonly exploration?: number;
  /** α in [0, 1], the weight that all arms get back in every tell. Default 0.001; published 1/T. */
  readonly sharing?: number;
}

/**
 * Exponential weights (Auer, Cesa-Bianchi, Freund and Schapire 2002): no assumption about where signals come from.
 *
 *   p_k = (1 − γ) w_k/Σw + γ/K
 *   x̂_k = Σ x / p over the results of k, p as recorded in their tickets
 *   w_k ← w_k exp(γ x̂_k / K)
 *
 * Late and batched results are weighted by the probability they were drawn under. `values` are ln w, the largest 0.
 *
 * @throws ValueError for an option outside its range; ConfigError for `exploration` together with `horizon`.
 */
export function createExp3(options: Exp3Options, saved?: TeacherState<string>): Bandit {
  const type = "createExp3";
  const { horizon } = options;
  if (horizon === undefined) {
    const { exploration = 0.1 } = options;
    return create(type, options, exploration, 0, { exploration }, saved);
  }
  if (options.exploration !== undefined)
    throw new ConfigError(`${type}: horizon sets exploration, got ${horizon} and ${options.exploration}`);
  checkInteger(type, "horizon", horizon, 1);
  const K = countArms(type, options);
  const exploration = K === 1 ? 1 : Math.min(1, Math.sqrt((K * Math.log(K)) / ((Math.E - 1) * horizon)));
  return create(type, options, exploration, 0, { horizon }, saved);
}

/**
 * Exp3 for a best arm that changes: every arm gets back a share of all weight, so that none sinks too deep to return.
 *
 *   w_k ← w_k exp(γ x̂_k / K) + (e α / K) Σw
 *
 * With α = 0 it is `createExp3`, by whose equations the rest goes.
 *
 * @throws ValueError for an option outside its range.
 */
export function createExp3S(options: Exp3SOptions, saved?: TeacherState<string>): Bandit {
  const { exploration = 0.1, sharing = 0.001 } = options;
  checkShare("createExp3S", "sharing", sharing);
  return create("createExp3S", options, exploration, sharing, { exploration, sharing }, saved);
}

function create(
  type: string,
  options: UnitBanditOptions,
  gamma: number,
  alpha: number,
  own: Readonly<Record<string, unknown>>,
  saved: TeacherState<string> | undefined,
): Bandit {
  const K = countArms(type, options);
  checkValue(type, "exploration", gamma, "in (0, 1]", gamma > 0 && gamma <= 1);
  const logWeights = new Float64Array(K); // the largest is 0
  return createBandit({
    type,
    options,
    own,
    unit: true,
    saved,
    policy: {
      state: { logWeights },
      probabilities(p) {
        softmax(logWeights, 1, p);
        for (let k = 0; k < K; k++) p[k] = (1 - gamma) * p[k]! + gamma / K;
      },
      values: () => logWeights.slice(),
      learn({ plays }) {
        const share = Math.log((Math.E * alpha) / K) + (alpha > 0 ? logSumExp(logWeights) : 0);
        for (const { arm, signal, probability } of plays) logWeights[arm]! += (gamma * (signal / probability)) / K;
        let max = -Infinity;
        for (let k = 0; k < K; k++) {
          if (alpha > 0) logWeights[k] = logAdd(logWeights[k]!, share);
          max = Math.max(max, logWeights[k]!);
        }
        for (let k = 0; k < K; k++) logWeights[k]! -= max;
      },
    },
  });
}

/** ln Σ exp(x), for x of which the largest is 0. */
function logSumExp(x: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += Math.exp(x[k]!);
  return Math.log(sum);
}

/** ln (exp(a) + exp(b)) */
function logAdd(a: number, b: number): number {
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
