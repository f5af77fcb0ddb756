export type { InjectionSite } from "./block.js";
export { type BpeOptions, trainBpe } from "./bpe.js";
export { applyChat, type Chat, type ChatMessage } from "./chat.js";
export { checkConfig, type Family, type LmConfig, lmConfig, type Preset, presets, type RopeScaling } from "./config.js";
export { type DrawnTokens, type DrawOptions, drawTokens } from "./draw.js";
export { type FitEvent, type FitOptions, type FitStep, fit } from "./fit.js";
export {
  type FinishReason,
  type GeneratedToken,
  type GenerateEvent,
  type GenerateOptions,
  type GenerateRequests,
  type Generation,
  generate,
  generateAll,
} from "./generate.js";
export { generateText } from "./generate-text.js";
export type { Disposable, GeneratingModel, GrowingCache } from "./generating-model.js";
export { type Head, type HeadedModel, type QHeadOptions, qHead, valueHead } from "./heads.js";
export { fromHfConfig, toHfConfig } from "./hf-config.js";
export { initialValues } from "./init.js";
export type { KvCache, Slots } from "./kv-cache.js";
export type { LoadOptions } from "./load.js";
export { attachLora, type Lora, type LoraOptions, type LoraTarget } from "./lora.js";
export { loadLora, saveLora } from "./lora-files.js";
export {
  type LogitModel,
  type LogprobOptions,
  type LossBatch,
  lossWeight,
  nextTokenLoss,
  tokenLogprobs,
} from "./loss.js";
export { type Adapter, type ForwardOptions, type Inject, LanguageModel } from "./model.js";
export {
  batchSequences,
  type PackOptions,
  packDocuments,
  shuffledBatches,
  type TokenBatch,
  type TokenDocument,
  type TokenSequence,
} from "./pack.js";
export { type Parameter, parameters } from "./parameters.js";
export { type CorpusPerplexity, type PerplexityOptions, perplexity } from "./perplexity.js";
export { ropeFrequencies } from "./rope.js";
export {
  processLogits,
  type SamplingOptions,
  type TokenDistribution,
} from "./sampling.js";
export type { SaveOptions } from "./save.js";
export { type PairScore, type ScoredPair, type ScoreOptions, type ScoringModel, scoreLogprobs } from "./score.js";
export { charTokenizer, type SpecialTexts, wordTokenizer } from "./simple-tokenizers.js";
export {
  assertFits,
  type FileTokenizer,
  loadTokenizer,
  type SpecialRole,
  saveTokenizer,
  type TextTokenizer,
} from "./tokenizer.js";
