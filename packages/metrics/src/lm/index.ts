export type { Vec } from "../checks.js";
export { sequenceExactMatch, tokenAccuracy, topKAccuracy } from "./accuracy.js";
export { type BinOptions, brier, type CalibrationCurve, calibrationCurve, ece } from "./calibration.js";
export { diffusionNllBound, type MaskedSample, stratifiedMaskCounts } from "./diffusion-bound.js";
export {
  bitsPerToken,
  meanDocumentPerplexity,
  meanNll,
  mergeNll,
  type NllSum,
  perplexity,
  sumNll,
  type TokenOptions,
} from "./perplexity.js";
export { type ScoringWindow, slidingWindows } from "./sliding-windows.js";
export { bitsPerByte, bytePerplexity, countBytes, countWords, wordPerplexity } from "./text-units.js";
export { TokenNll, type TokenNllState, type TokenNllValue } from "./token-nll.js";
