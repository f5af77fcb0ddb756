import { createRng, ValueError } from "@x/core";
import { checkBetween, checkInteger, checkValue } from "../checks.js";
import { drawIndices } from "./draw-indices.js";
import { mean } from "./moments.js";
import { normalCdf, normalQuantile } from "./normal.js";
import { sortedQuantile } from "./quantile.js";
import { runInSlices, runToEnd } from "./slices.js";

/** An estimate with its confidence limits. */
export interface Estimate {
  readonly point: number;
  readonly low: number;
  readonly high: number;
  /** Confidence level, such as 0.95. */
  readonly level: number;
}

/** How limits are read off the replicates of a bootstrap. */
export type CiMethod = "percentile" | "basic" | "bca";

/** A bootstrap interval, with all that is needed to draw it again. */
export interface Interval extends Estimate {
  readonly method: CiMethod;
  /** Number of resamples. */
  readonly reps: number;
  readonly seed: number | string;
}

/** Options of every bootstrap. */
export interface BootstrapOptions {
  /** Confidence level in (0, 1). Default 0.95. */
  readonly level?: number;
  /** Number of resamples. Default 2000; take 50 000 for a figure that is published. */
  readonly reps?: number;
  /** Default `bca`. */
  readonly method?: CiMethod;
  /** Default 0. */
  readonly seed?: number | string;
}

/** Options of every bootstrap that leaves room for other work. */
export interface AsyncBootstrapOptions extends BootstrapOptions {
  /** Looked at whenever the event loop was let run. */
  readonly signal?: AbortSignal;
}

/** A statistic of rows: of a resample of them, and of all but one. */
export interface Estimator {
  readonly rows: number;
  readonly of: (rows: Int32Array) => number;
  readonly without: (row: number) => number;
}

/** Resamples rows with replacement `reps` times and reads the interval off the replicates. */
export function bootstrapInterval(caller: string, estimator: Estimator, options: BootstrapOptions): Interval {
  return runToEnd(resample(caller, estimator, options));
}

/** The same in slices of some 8 ms, between which the event loop runs. */
export function bootstrapIntervalAsync(
  caller: string,
  estimator: Estimator,
  options: AsyncBootstrapOptions,
): Promise<Interval> {
  return runInSlices(resample(caller, estimator, options), options.signal);
}

function* resample(caller: string, estimator: Estimator, options: BootstrapOptions): Generator<undefined, Interval> {
  const { level = 0.95, reps = 2000, method = "bca", seed = 0 } = options;
  const n = estimator.rows;
  checkBetween(caller, "level", level, 0, 1);
  checkInteger(caller, "reps", reps, 2);
  if (n < 2) throw new ValueError(`${caller}: needs at least 2 values, got ${n}`, { argument: "values", value: n });

  const finite = (statistic: number) => {
    checkValue(caller, "statistic", statistic, "finite on every resample", Number.isFinite(statistic));
    return statistic;
  };
  const rng = createRng(seed);
  const rows = Int32Array.from({ length: n }, (_, row) => row);
  const point = finite(estimator.of(rows));
  const replicates = new Float64Array(reps);
  for (let rep = 0; rep < reps; rep++) {
    drawIndices(rng, n, rows);
    replicates[rep] = finite(estimator.of(rows));
    yield;
  }
  const jackknife = new Float64Array(method === "bca" ? n : 0);
  for (let row = 0; row < jackknife.length; row++) {
    jackknife[row] = finite(estimator.without(row));
    yield;
  }
  return { ...limits(replicates.sort(), point, level, method, () => jackknife), point, level, method, reps, seed };
}

/**
 * Confidence limits from replicates θ* of an estimate θ̂ (Efron 1987), with G⁻¹ the replicates' quantile function.
 *
 *   percentile  [G⁻¹(α), G⁻¹(1 − α)],  α = (1 − level)/2
 *   basic       [2θ̂ − G⁻¹(1 − α), 2θ̂ − G⁻¹(α)]
 *   bca         [G⁻¹(α₁), G⁻¹(α₂)],  αᵢ = Φ(z₀ + (z₀ + zᵢ)/(1 − a(z₀ + zᵢ))),  z₁ = Φ⁻¹(α), z₂ = −z₁,
 *               z₀ = Φ⁻¹(share of θ* < θ̂ and half of those equal),
 *               a = Σᵢ (θ̄ − θ₋ᵢ)³ / (6 (Σᵢ (θ̄ − θ₋ᵢ)²)^1.5) over the estimates θ₋ᵢ without row i
 *
 * @param sorted - the replicates in ascending order.
 * @param jackknife - the estimates θ₋ᵢ, only asked for by `bca`.
 */
export function limits(
  sorted: Float64Array,
  point: number,
  level: number,
  method: CiMethod,
  jackknife: () => Float64Array,
): { low: number; high: number } {
  const alpha = (1 - level) / 2;
  const at = (probability: number) => sortedQuantile(sorted, probability);
  if (method === "percentile") return { low: at(alpha), high: at(1 - alpha) };
  if (method === "basic") return { low: 2 * point - at(1 - alpha), high: 2 * point - at(alpha) };

  const rounding = 1e-12 * Math.max(Math.abs(sorted[0]!), Math.abs(sorted.at(-1)!)); // equal sums must count as equal
  const share = mean(sorted.map((x) => (Math.abs(x - point) <= rounding ? 0.5 : x < point ? 1 : 0)));
  const z0 = normalQuantile(Math.min(Math.max(share, 0.5 / sorted.length), 1 - 0.5 / sorted.length));
  const a = acceleration(jackknife());
  const adjusted = (z: number) => normalCdf(z0 + (z0 + z) / (1 - a * (z0 + z)));
  const z1 = normalQuantile(alpha);
  return { low: at(adjusted(z1)), high: at(adjusted(-z1)) };
}

function acceleration(jackknife: Float64Array): number {
  const centre = mean(jackknife);
  let squares = 0;
  let cubes = 0;
  for (const theta of jackknife) {
    const gap = centre - theta;
    squares += gap * gap;
    cubes += gap * gap * gap;
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}
