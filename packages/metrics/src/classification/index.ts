export type { Vec } from "../checks.js";
export { accuracy, balancedAccuracy, cohenKappa, mcc } from "./agreement.js";
export { averagePrecision } from "./average-precision.js";
export { BinnedRocAuc, type BinnedRocAucState, type BinnedRocAucValue } from "./binned-roc-auc.js";
export { ConfusionMatrix, type ConfusionMatrixState } from "./confusion-accumulator.js";
export { type Confusion, confusionMatrix } from "./confusion-matrix.js";
export {
  type BinaryOptions,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RocCurve,
  rocCurve,
} from "./curves.js";
export { logLoss } from "./log-loss.js";
export type { OnUndefined } from "./on-undefined.js";
export { type AverageOptions, fBeta, precision, recall } from "./precision-recall.js";
export { type RocAucOptions, rocAuc } from "./roc-auc.js";
