export { type ActionCodebook, assignActions, codebookOf, type FitActionsOptions, fitActions } from "./actions.js";
export { ActionAdapter, type ActionAdapterConfig } from "./adapter.js";
export { type PlanBatch, type PlanChunks, type PlanChunksOptions, planChunks } from "./chunks.js";
export {
  buildPlanCorpus,
  type PlanCorpus,
  type PlanCorpusOptions,
  type PlannedDocument,
  planIndexPerToken,
  sentenceEndTokens,
} from "./corpus.js";
export {
  type EvaluateOptions,
  evaluatePlanning,
  type NapEvaluation,
  type PlanEvaluation,
} from "./evaluate.js";
export { type GeneratePlannedOptions, generatePlanned, type PlannedToken, type PlannedWriter } from "./generate.js";
export { type LmStatesOptions, lmStates } from "./lm-states.js";
export type { PlannedModel, PlanSource } from "./objective.js";
export { Planner, type PlannerConfig } from "./planner.js";
export { type IntlSegmenterOptions, intlSegmenter } from "./segmenter.js";
export { fitTfidfSvd, loadTfidfSvd, type TfidfSvdEmbedder, type TfidfSvdOptions } from "./tfidf-svd.js";
export { type Training, type TrainJointOptions, trainJoint } from "./train-joint.js";
export type { TrainControl, TrainEvent } from "./train-loop.js";
export { type TrainPlannerOptions, trainPlanner } from "./train-planner.js";
export type {
  ConditionableLM,
  Inject,
  InjectionSite,
  Segmenter,
  SentenceEmbedder,
  TokenizerLike,
} from "./types.js";
