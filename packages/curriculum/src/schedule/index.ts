export { type BatchQuotaOptions, batchQuota } from "./batch-quota.js";
export {
  createDifficultyTarget,
  type DifficultyTargetDiagnostics,
  type DifficultyTargetOptions,
} from "./difficulty-target.js";
export { createFixedOrder, type FixedOrderOptions, type Order, orderShares } from "./fixed-order.js";
export { createLevelStepper, type LevelStepperDiagnostics, type LevelStepperOptions } from "./level-stepper.js";
export { createMix, type MixOptions, type MixPart } from "./mix.js";
