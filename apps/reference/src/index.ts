export { type CorpusOptions, holdOut, type PreparedCorpus, prepareCorpus } from "./corpus.js";
export { readDocuments, type TextDocument } from "./documents.js";
export { type Arm, arms, copyVariables, type PlannerResult, plannerPipeline } from "./pipelines/planner.js";
export { demo, type PlannerSettings, text } from "./presets.js";
