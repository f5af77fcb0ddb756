export { type SelectionDiagnostics, selectionDiagnostics } from "./diagnostics.js";
export { entmax15 } from "./entmax15.js";
export { type Estimate, type Estimator, estimate } from "./estimate.js";
export { type GumbelOptions, gumbelNoise, gumbelSoftmax, uniformNoise } from "./gumbel.js";
export { hard } from "./hard.js";
export { mixCodebook } from "./mix-codebook.js";
export { mixWithOracle, type OracleOptions } from "./mix-with-oracle.js";
export { type SampleOptions, sampleOneHot } from "./sample-one-hot.js";
export { select } from "./select.js";
export { softmax } from "./softmax.js";
export { sparsemax } from "./sparsemax.js";
export { scaleGradient, stopGradient } from "./stop-gradient.js";
export { type StraightThroughOptions, straightThrough } from "./straight-through.js";
export { topkSoftmax } from "./topk-softmax.js";
export type {
  MapOptions,
  Selection,
  SelectOptions,
  SelectResult,
  SparseOptions,
  Surrogate,
  Temperature,
} from "./types.js";
