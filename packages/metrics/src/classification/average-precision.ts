import type { Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";
import { type BinaryOptions, binaryCounts } from "./curves.js";
import { type OnUndefined, whenDefined } from "./on-undefined.js";

/**
 * Average precision: the area under the precision–recall curve as a step function, never interpolated.
 *
 *   AP = Σ_k (R_k − R_{k−1}) P_k = Σ_k (TP_k − TP_{k−1}) / TP_last · TP_k / (TP_k + FP_k),  thresholds descending
 *
 * @param yTrue - `[N]`, integer labels.
 * @param yScore - `[N]`, larger for what looks more positive.
 * @param options - `onUndefined`: what stands for it without positives, default NaN (scikit-learn: 0).
 * @throws ValueError as `rocCurve`, and without positives when `onUndefined` is `throw`.
 */
export function averagePrecision(
  yTrue: Vec,
  yScore: Vec,
  options: BinaryOptions & { readonly onUndefined?: OnUndefined } = {},
): number {
  const { onUndefined = "nan" } = options;
  const { truePositives: tp, falsePositives: fp } = binaryCounts("averagePrecision", yTrue, yScore, options);
  const steps = tp.map((found, k) => ((found - (tp[k - 1] ?? 0)) * found) / (found + fp[k]!));
  const value = compensatedSum(steps) / tp.at(-1)!;
  return whenDefined("averagePrecision", "yTrue", value, "a positive example", onUndefined);
}
