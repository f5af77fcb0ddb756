import { checkFilled, checkFinite, checkLength, checkValue, type Vec } from "../checks.js";
import { mean } from "../stats/moments.js";
import { sortedQuantile } from "../stats/quantile.js";

/** Scores of a method, runs × tasks: a list for each run (seed), with its score on each task, normalised over tasks. */
export type Scores = readonly Vec[];

/**
 * The interquartile mean: the mean of the middle half of all scores, whatever run or task they come from.
 *
 *   mean of s₍⌊N/4⌋₊₁₎ … s₍N₋⌊N/4⌋₎,  N = runs · tasks
 *
 * Less swayed by outliers than the mean, and of narrower intervals than the median.
 *
 * @throws ValueError for no runs or tasks, runs of different lengths, or a score that is not finite.
 * @paper 2108.13264 section 4.3
 */
export function iqm(scores: Scores): number {
  const sorted = flattened("iqm", scores).sort();
  const cut = Math.floor(sorted.length / 4);
  return mean(sorted.subarray(cut, sorted.length - cut));
}

/**
 * The median over tasks of the mean over runs.
 *
 * @throws ValueError as `iqm`.
 */
export function medianOfMeans(scores: Scores): number {
  checkScores("medianOfMeans", "scores", scores);
  return sortedQuantile(taskMeans(scores).sort(), 0.5);
}

/**
 * How far scores fall short of a target on average; what exceeds the target counts nothing.
 *
 *   γ − mean of min(s, γ)
 *
 * @param options - `target`: γ, default 1, the human score where scores are normalised by it.
 * @throws ValueError as `iqm`, or for a target that is not finite.
 * @paper 2108.13264 section 4.3
 */
export function optimalityGap(scores: Scores, options: { readonly target?: number } = {}): number {
  const { target = 1 } = options;
  checkValue("optimalityGap", "target", target, "finite", Number.isFinite(target));
  return mean(flattened("optimalityGap", scores).map((score) => target - Math.min(score, target)));
}

/**
 * The share of scores above each threshold.
 *
 *   F̂(τ) = #{s : s > τ}/N
 *
 * @param thresholds - τ, in any order.
 * @param options - `of`: the shares of single `runs` (default, unbiased), or of `taskMeans` over runs.
 * @returns a share for each threshold.
 * @throws ValueError as `iqm`, or for thresholds that are empty or not finite.
 * @paper 2108.13264 section 4.2
 */
export function performanceProfile(
  scores: Scores,
  thresholds: Vec,
  options: { readonly of?: "runs" | "taskMeans" } = {},
): Float64Array {
  checkFinite("performanceProfile", "thresholds", thresholds);
  const single = flattened("performanceProfile", scores);
  const profiled = options.of === "taskMeans" ? taskMeans(scores) : single;
  return Float64Array.from(thresholds, (tau) => profiled.filter((score) => score > tau).length / profiled.length);
}

/**
 * The probability that a random run of one method beats a random run of another on a random task.
 *
 *   mean over tasks m and pairs of runs of [Xₘ > Yₘ] + ½ [Xₘ = Yₘ]
 *
 * @param x - scores of one method.
 * @param y - scores of the other on the same tasks; the number of runs may differ.
 * @throws ValueError as `iqm`, or for different numbers of tasks.
 * @paper 2108.13264 section 4.3
 */
export function probabilityOfImprovement(x: Scores, y: Scores): number {
  const tasks = checkScores("probabilityOfImprovement", "x", x);
  checkScores("probabilityOfImprovement", "y", y);
  checkLength("probabilityOfImprovement", "y[0]", y[0]!, "x[0]", tasks);
  let wins = 0;
  for (const run of x)
    for (const other of y) for (let m = 0; m < tasks; m++) wins += (Math.sign(run[m]! - other[m]!) + 1) / 2;
  return wins / (x.length * y.length * tasks);
}

/** Refuses what is no matrix of finite scores. Returns the number of tasks. */
export function checkScores(caller: string, argument: string, scores: Scores): number {
  checkFilled(caller, argument, scores);
  const tasks = scores[0]!.length;
  for (let run = 0; run < scores.length; run++) {
    checkFinite(caller, `${argument}[${run}]`, scores[run]!);
    checkLength(caller, `${argument}[${run}]`, scores[run]!, `${argument}[0]`, tasks);
  }
  return tasks;
}

function flattened(caller: string, scores: Scores): Float64Array {
  const tasks = checkScores(caller, "scores", scores);
  const all = new Float64Array(scores.length * tasks);
  for (let run = 0; run < scores.length; run++) all.set(scores[run]!, run * tasks);
  return all;
}

function taskMeans(scores: Scores): Float64Array {
  return Float64Array.from({ length: scores[0]!.length }, (_, task) => mean(column(scores, task)));
}

function column(scores: Scores, task: number): Float64Array {
  return Float64Array.from(scores, (run) => run[task]!);
}
