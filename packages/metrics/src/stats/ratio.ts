import { ValueError } from "@x/core";
import { checkEach, checkFinite, checkLength, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";
import { difference, sumAt } from "./bootstrap.js";
import {
  type AsyncBootstrapOptions,
  type BootstrapOptions,
  bootstrapInterval,
  bootstrapIntervalAsync,
  type Estimator,
  type Interval,
} from "./interval.js";

/** Sums and counts of independent units, such as the nats and the tokens of each document. */
export interface SumsAndCounts {
  /** One sum for each unit. */
  readonly sums: Vec;
  /** One count ≥ 0 for each unit. */
  readonly counts: Vec;
}

/** Options of the bootstraps of a ratio. */
export interface RatioOptions extends BootstrapOptions {
  /** Applied to each ratio; `Math.exp` turns nats per token into perplexity. Default none. */
  readonly transform?: (ratio: number) => number;
}

/**
 * A bootstrap confidence interval of a ratio of totals; whole units are resampled.
 *
 *   θ = f(Σᵢ sᵢ / Σᵢ cᵢ)
 *
 * With the negative log-likelihoods and token counts of documents this is the mean nats per token of the corpus, and with
 * `transform: Math.exp` its perplexity. Tokens of one document depend on each other, so documents are the units.
 *
 * @throws ValueError for fewer than two units, lists of different lengths, a number that is not finite, a count < 0, a
 *   resample without any count, or an option outside its range.
 */
export function bootstrapRatio(units: SumsAndCounts, options: RatioOptions = {}): Interval {
  return bootstrapInterval("bootstrapRatio", estimatorOf("bootstrapRatio", "units", units, options), options);
}

/**
 * `bootstrapRatio` for many units: the same interval, and the event loop runs every 8 ms.
 *
 * @throws ValueError as `bootstrapRatio`.
 * @throws AbortedError when the signal fires.
 */
export async function bootstrapRatioAsync(
  units: SumsAndCounts,
  options: RatioOptions & AsyncBootstrapOptions = {},
): Promise<Interval> {
  const caller = "bootstrapRatioAsync";
  return bootstrapIntervalAsync(caller, estimatorOf(caller, "units", units, options), options);
}

/**
 * A bootstrap confidence interval of the difference between two ratios of totals over the same units.
 *
 *   θ = f(Σᵢ aᵢ / Σᵢ cᵢ) − f(Σᵢ bᵢ / Σᵢ dᵢ), both over the same resampled units
 *
 * For two language models on the same documents: the difference in nats per token, or in perplexity with
 * `transform: Math.exp`. Below 0, `a` is the better one.
 *
 * @throws ValueError as `bootstrapRatio`, or for different numbers of units.
 */
export function pairedBootstrapRatio(a: SumsAndCounts, b: SumsAndCounts, options: RatioOptions = {}): Interval {
  return bootstrapInterval("pairedBootstrapRatio", differenceOf("pairedBootstrapRatio", a, b, options), options);
}

/**
 * `pairedBootstrapRatio` for many units: the same interval, and the event loop runs every 8 ms.
 *
 * @throws ValueError as `pairedBootstrapRatio`.
 * @throws AbortedError when the signal fires.
 */
export async function pairedBootstrapRatioAsync(
  a: SumsAndCounts,
  b: SumsAndCounts,
  options: RatioOptions & AsyncBootstrapOptions = {},
): Promise<Interval> {
  const caller = "pairedBootstrapRatioAsync";
  return bootstrapIntervalAsync(caller, differenceOf(caller, a, b, options), options);
}

function differenceOf(caller: string, a: SumsAndCounts, b: SumsAndCounts, options: RatioOptions): Estimator {
  const left = estimatorOf(caller, "a", a, options);
  const right = estimatorOf(caller, "b", b, options);
  checkLength(caller, "b.sums", b.sums, "a.sums", left.rows);
  return difference(left, right);
}

function estimatorOf(caller: string, argument: string, units: SumsAndCounts, options: RatioOptions): Estimator {
  const { transform = (ratio: number) => ratio } = options;
  checkFinite(caller, `${argument}.sums`, units.sums);
  checkFinite(caller, `${argument}.counts`, units.counts);
  checkLength(caller, `${argument}.counts`, units.counts, `${argument}.sums`, units.sums.length);
  checkEach(caller, `${argument}.counts`, units.counts, "≥ 0", (count) => count >= 0);
  const sums = Float64Array.from(units.sums);
  const counts = Float64Array.from(units.counts);
  const sum = compensatedSum(sums);
  const count = compensatedSum(counts);
  if (!(count > 0))
    throw new ValueError(`${caller}: ${argument}.counts must not sum to 0`, {
      argument: `${argument}.counts`,
      value: count,
    });
  return {
    rows: sums.length,
    of: (rows) => transform(sumAt(sums, rows) / sumAt(counts, rows)),
    without: (row) => transform((sum - sums[row]!) / (count - counts[row]!)),
  };
}
