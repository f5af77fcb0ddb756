export { type CheckpointState, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
export { clipByGlobalNorm } from "./clip.js";
export { traced } from "./graph/structure.js";
export { type JitStats, type Jitted, jit } from "./jit.js";
export * as nn from "./nn/index.js";
export { type AdamWOptions, adamW, type Optimizer, sgd } from "./optimizer.js";
export { lanes, parallel } from "./parallel.js";
export * as random from "./random.js";
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  readShardedSafetensors,
  type SafetensorsTensor,
} from "./read-safetensors.js";
export type { RunControl } from "./run-control.js";
export { type BackendName, createRuntime, describeRuntime, type Runtime } from "./runtime.js";
export type { SafetensorsDtype } from "./safetensors-header.js";
export type { SafetensorsData } from "./safetensors-values.js";
export { TraceError, type TraceReason } from "./trace-error.js";
export { type Loss, type StepReport, type TrainGroup, type TrainStepOptions, trainStep } from "./train-step.js";
export { valueAndGrad } from "./value-and-grad.js";
export { assignAll, type NamedTensors, type NamedVariables } from "./variables.js";
export { whileLoop } from "./while-loop.js";
export { type WriteSafetensorsOptions, writeSafetensors } from "./write-safetensors.js";
