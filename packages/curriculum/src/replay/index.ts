export { groupVariance } from "../filter/group-variance.js";
export { createLearnability, type LearnabilityOptions } from "./learnability.js";
export { createLevelReplay, type LevelReplayDiagnostics, type LevelReplayOptions } from "./level-replay.js";
export type { Generate, LevelTask } from "./level-task.js";
export { type ReplayMixture, replayProbabilities, type ScoreTransform } from "./replay-probabilities.js";
export { absoluteValueLoss, learnability, maxMonteCarlo, positiveValueLoss } from "./scores.js";
