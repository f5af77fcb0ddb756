import { checkBetween, type Vec } from "../checks.js";
import { betaQuantile } from "./beta.js";
import type { Estimate } from "./interval.js";
import { mean, variance } from "./moments.js";

/**
 * Student's confidence interval of a mean: the one for **few** values, such as the results of five seeds, where every
 * bootstrap is too narrow.
 *
 *   x̄ ± t·s/√n,  t the (1 + level)/2 quantile of Student's distribution with n − 1 degrees of freedom
 *
 * Exact for normally distributed values. For two methods run on the same seeds give the differences.
 *
 * @param options - `level`: default 0.95.
 * @throws ValueError for fewer than two values, a number that is not finite, or a level outside (0, 1).
 */
export function meanInterval(values: Vec, options: { readonly level?: number } = {}): Estimate {
  const { level = 0.95 } = options;
  checkBetween("meanInterval", "level", level, 0, 1);
  const point = mean(values);
  const freedom = values.length - 1;
  const deviation = Math.sqrt(variance(values) / values.length);
  const x = betaQuantile(1 - level, freedom / 2, 0.5); // P(|T| > t) = I_x(ν/2, ½) at x = ν/(ν + t²)
  const half = Math.sqrt(freedom * (1 / x - 1)) * deviation;
  return { point, low: point - half, high: point + half, level };
}
