export type { Vec } from "../checks.js";
export { bestAtK, passAtK, passHatK, worstAtK } from "./at-k.js";
export { effectiveSampleSize, entropy, exactKl } from "./distribution.js";
export { majorityAtK } from "./majority.js";
export { clipFraction, type KlOptions, klEstimate } from "./policy.js";
export { discountedReturns, explainedVariance, gae, type ReturnOptions } from "./returns.js";
export {
  iqm,
  medianOfMeans,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  type Scores,
} from "./scores.js";
export { stratifiedBootstrap, stratifiedComparison } from "./stratified-bootstrap.js";
