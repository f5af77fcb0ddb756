import { createRng, type Rng, ValueError } from "@x/core";
import { checkBetween, checkInteger, checkLength, checkValue } from "../checks.js";
import { type BootstrapOptions, type Interval, limits } from "../stats/interval.js";
import { mean } from "../stats/moments.js";
import { iqmResampler, type Rows, resampler } from "./resamples.js";
import { checkScores, iqm, type Scores } from "./scores.js";

/**
 * A bootstrap confidence interval of a figure computed from runs × tasks, for the few runs (3–10) of reinforcement
 * learning: the runs of each task are resampled apart from those of the others.
 *
 *   θ*ᵣ = θ(S*),  S*[n, m] = S[Jₙₘ, m],  Jₙₘ uniform in the runs, independent for every cell
 *
 * The tasks are taken as given: the interval says how the figure would vary with other seeds on the same tasks. The order of
 * the runs of a task does not matter, nor for `bca`, whose acceleration needs runs² · tasks evaluations: a score is left out
 * by putting each of its task's other scores in its place and taking the mean.
 *
 * @param scores - two runs or more.
 * @param statistic - such as `iqm`, `medianOfMeans` or `optimalityGap`. It must not keep its argument, which is used again.
 * @param options - as `bootstrap`, but `method` defaults to `percentile`.
 * @throws ValueError as `iqm`, for a single run, a statistic that is not finite, or an option outside its range.
 * @paper 2108.13264 section 4.1
 */
export function stratifiedBootstrap(
  scores: Scores,
  statistic: (scores: readonly Float64Array[]) => number,
  options: BootstrapOptions = {},
): Interval {
  checkRuns("stratifiedBootstrap", "scores", scores);
  const resampled = statistic === iqm ? iqmResampler : undefined;
  return interval("stratifiedBootstrap", [scores], ([rows]) => statistic(rows!), options, resampled);
}

/**
 * The same for a figure that compares two methods whose runs are independent, such as `probabilityOfImprovement` or a
 * difference of two interquartile means.
 *
 * @param x - scores of one method, two runs or more.
 * @param y - scores of the other on the same tasks; the number of runs may differ.
 * @throws ValueError as `stratifiedBootstrap`, or for different numbers of tasks.
 * @paper 2108.13264 section 4.1
 */
export function stratifiedComparison(
  x: Scores,
  y: Scores,
  statistic: (x: readonly Float64Array[], y: readonly Float64Array[]) => number,
  options: BootstrapOptions = {},
): Interval {
  const tasks = checkRuns("stratifiedComparison", "x", x);
  checkRuns("stratifiedComparison", "y", y);
  checkLength("stratifiedComparison", "y[0]", y[0]!, "x[0]", tasks);
  return interval("stratifiedComparison", [x, y], ([a, b]) => statistic(a!, b!), options);
}

function interval(
  caller: string,
  methods: readonly Scores[],
  statistic: (methods: readonly Rows[]) => number,
  options: BootstrapOptions,
  resampled?: (rows: Rows) => (rng: Rng) => number,
): Interval {
  const { level = 0.95, reps = 2000, method = "percentile", seed = 0 } = options;
  checkBetween(caller, "level", level, 0, 1);
  checkInteger(caller, "reps", reps, 2);
  const figure = (sample: readonly Rows[]) => {
    const value = statistic(sample);
    checkValue(caller, "statistic", value, "finite on every resample", Number.isFinite(value));
    return value;
  };
  const given = methods.map((rows) => rows.map((row) => Float64Array.from(row)));
  const sample = given.map((rows) => rows.map((row) => row.slice())); // a statistic may reorder it
  const point = figure(sample);
  const rng = createRng(seed);
  const replicates = new Float64Array(reps);
  const redraw = given.map((rows, i) => resampler(rows, sample[i]!));
  const replicate =
    resampled?.(given[0]!) ??
    ((stream: Rng) => {
      for (const draw of redraw) draw(stream);
      return figure(sample);
    });
  for (let rep = 0; rep < reps; rep++) replicates[rep] = replicate(rng);
  const jackknife = () => leaveOneOut(given, sample, figure);
  return { ...limits(replicates.sort(), point, level, method, jackknife), point, level, method, reps, seed };
}

/** For every score the mean figure over all ways to put another score of its task in its place. */
function leaveOneOut(given: readonly Rows[], sample: readonly Rows[], figure: (sample: readonly Rows[]) => number) {
  const without = (i: number, n: number, m: number) => {
    const others = given[i]!.filter((_, run) => run !== n);
    const figures = others.map((other) => {
      sample.forEach((rows, j) => {
        rows.forEach((row, run) => {
          row.set(given[j]![run]!);
        });
      });
      sample[i]![n]![m] = other[m]!;
      return figure(sample);
    });
    return mean(figures);
  };
  return Float64Array.from(
    given.flatMap((rows, i) => rows.flatMap((row, n) => Array.from(row, (_, m) => without(i, n, m)))),
  );
}

/** Refuses what is no matrix of scores with two runs or more. Returns the number of tasks. */
function checkRuns(caller: string, argument: string, scores: Scores): number {
  const tasks = checkScores(caller, argument, scores);
  if (scores.length < 2)
    throw new ValueError(`${caller}: ${argument} needs at least 2 runs, got ${scores.length}`, {
      argument,
      value: scores.length,
    });
  return tasks;
}
