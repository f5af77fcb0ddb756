import { ConfigError } from "@x/core";
import { checkValue, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";
import type { BinaryOptions } from "./curves.js";
import {
  checkColumns,
  checkLabels,
  checkRowSums,
  checkWeights,
  columnLabels,
  columnOf,
  positiveMask,
} from "./examples.js";
import { type OnUndefined, whenDefined } from "./on-undefined.js";
import { allCells, oneVersusOne, oneVersusRest, type Ranking } from "./rankings.js";
import { countByThreshold, type ThresholdCounts } from "./threshold-counts.js";
import { weightedMean } from "./weighted-mean.js";

/** How `rocAuc` treats examples, classes and what is undefined. */
export interface RocAucOptions extends BinaryOptions {
  /** Several classes: each against the rest (default), or each pair apart (Hand & Till), which imbalance does not touch. */
  readonly multiClass?: "ovr" | "ovo";
  /**
   * Several classes: the plain mean (default), the mean weighted by the classes' or pairs' examples, one curve of all
   * cells (`ovr` only), or no mean: a number for each class, or for each ordered pair 01, 02, …, 10, 12, ….
   */
  readonly average?: "macro" | "weighted" | "micro" | "none";
  /** Several classes: the labels of the columns of `yScore`. Default 0 … C − 1. */
  readonly labels?: Vec;
  /** A class without examples makes the mean undefined (`nan`, default) or is left out of it. */
  readonly onMissingClass?: "nan" | "skip";
  /** The area up to this false positive rate only, scaled by McClish to ½ … 1. In (0, 1], default 1: all of it. */
  readonly maxFpr?: number;
  /** What stands for an area that is undefined, as with one class only. Default `nan`. */
  readonly onUndefined?: OnUndefined;
}

/** The areas of the classes, or of the ordered pairs of classes, apart. Arguments and errors as below. */
export function rocAuc(yTrue: Vec, yScore: Vec, options: RocAucOptions & { readonly average: "none" }): Float64Array;
/**
 * Area under the ROC curve: the chance that a positive scores above a negative, ties counting ½.
 *
 *   AUC  = Σ_k (FP_k − FP_{k−1}) (TP_k + TP_{k−1}) / (2 P F),  thresholds descending, P = TP_last, F = FP_last
 *   ovr  = mean_c AUC(class c against the rest, column c)
 *   ovo  = mean_{a≠b} AUC(a against b, column a), over the examples of a and b
 *   AUCₘ = ½ [1 + (A − m²/2) / (m − m²/2)],  A the area up to FPR m = `maxFpr`, cut by linear interpolation
 *
 * @param yTrue - `[N]`, integer labels.
 * @param yScore - `[N]`, larger for what looks more positive; or `[N, C]`, row-major, rows that sum to 1.
 * @throws ValueError for empty lists, lengths that do not fit, a label that is no integer, not in `labels` or a third one, a
 *   score that is not finite, a row that does not sum to 1, a weight that is not finite or < 0, weights that are all 0,
 *   `maxFpr` outside (0, 1], or an undefined area when `onUndefined` is `throw`.
 * @throws ConfigError for `ovo` with `sampleWeight` or with the average `micro`.
 */
export function rocAuc(
  yTrue: Vec,
  yScore: Vec,
  options?: RocAucOptions & { readonly average?: "macro" | "weighted" | "micro" },
): number;
export function rocAuc(yTrue: Vec, yScore: Vec, options: RocAucOptions = {}): number | Float64Array {
  const { average = "macro", onMissingClass = "nan", maxFpr = 1, onUndefined = "nan" } = options;
  checkValue("rocAuc", "maxFpr", maxFpr, "in (0, 1]", maxFpr > 0 && maxFpr <= 1);
  const areas: number[] = [];
  const sizes: number[] = [];
  for (const { scores, positive, weights, size } of rankings(yTrue, yScore, options)) {
    areas.push(areaUnder(countByThreshold(scores, positive, weights), maxFpr));
    sizes.push(average === "weighted" ? size : 1);
  }
  const settled = (area: number) => whenDefined("rocAuc", "yTrue", area, "positives and negatives", onUndefined);
  if (average === "none") return Float64Array.from(areas, settled);
  return settled(weightedMean(areas, sizes, onMissingClass === "skip"));
}

/** The problems of two classes that the average is taken over. */
function rankings(yTrue: Vec, yScore: Vec, options: RocAucOptions): Iterable<Ranking> {
  const { multiClass = "ovr", average, sampleWeight: weights } = options;
  checkLabels("rocAuc", "yTrue", yTrue);
  checkWeights("rocAuc", weights, yTrue.length);
  const columns = checkColumns("rocAuc", "yScore", yScore, yTrue.length);
  if (columns === 1)
    return [{ scores: yScore, positive: positiveMask("rocAuc", yTrue, options.positive), weights, size: 1 }];

  if (multiClass === "ovo" && weights)
    throw new ConfigError(`rocAuc: multiClass "ovo" takes no sampleWeight, got ${weights.length} weights`);
  if (multiClass === "ovo" && average === "micro")
    throw new ConfigError(`rocAuc: multiClass "ovo" has no average "micro"`);
  checkRowSums("rocAuc", "yScore", yScore, columns);
  const classes = columnOf("rocAuc", "yTrue", yTrue, columnLabels("rocAuc", options.labels, columns));
  if (multiClass === "ovo") return oneVersusOne(classes, yScore, columns);
  return average === "micro"
    ? [allCells(classes, yScore, columns, weights)]
    : oneVersusRest(classes, yScore, columns, weights);
}

/** The area up to the false positive rate `maxFpr`, by trapezoids; NaN without positives or negatives. */
function areaUnder({ truePositives: tp, falsePositives: fp }: ThresholdCounts, maxFpr: number): number {
  const all = tp.at(-1)! * fp.at(-1)!;
  const limit = maxFpr * fp.at(-1)!;
  const trapezoids = new Float64Array(tp.length);
  let x = 0;
  let y = 0;
  for (let k = 0; k < tp.length && x < limit; k++) {
    const within = fp[k]! > limit ? (limit - x) / (fp[k]! - x) : 1;
    const nextX = Math.min(fp[k]!, limit);
    const nextY = y + within * (tp[k]! - y);
    trapezoids[k] = ((nextX - x) * (nextY + y)) / 2;
    x = nextX;
    y = nextY;
  }
  const area = compensatedSum(trapezoids) / all;
  if (maxFpr === 1) return area;
  const chance = maxFpr ** 2 / 2;
  return (1 + (area - chance) / (maxFpr - chance)) / 2;
}
