export { type AlpGmmOptions, createAlpGmm } from "./alp-gmm.js";
export type { Box, ContinuousOptions, ContinuousTeacher } from "./box.js";
export { type CovarGmmOptions, createCovarGmm } from "./covar-gmm.js";
export {
  fitGaussianMixture,
  type GaussianMixture,
  type GaussianMixtureOptions,
  type InitialMixture,
} from "./gaussian-mixture.js";
export type { MixtureDiagnostics, MixtureTeacherOptions } from "./mixture-teacher.js";
export { createRandomTeacher } from "./random-teacher.js";
export { createRiac, type RiacDiagnostics, type RiacOptions } from "./riac.js";
export type { TaskGaussian } from "./task-mixture.js";
