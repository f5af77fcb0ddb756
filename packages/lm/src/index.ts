export { type BpeOptions, trainBpe } from "./bpe.js";
export { applyChat, type Chat, type ChatMessage } from "./chat.js";
export {
  batchSequences,
  type PackOptions,
  packDocuments,
  shuffledBatches,
  type TokenBatch,
  type TokenDocument,
  type TokenSequence,
} from "./pack.js";
export {
  processLogits,
  type SampledToken,
  type SamplingOptions,
  sampleToken,
  type TokenDistribution,
} from "./sampling.js";
export { charTokenizer, type SpecialTexts, wordTokenizer } from "./simple-tokenizers.js";
export {
  assertFits,
  type FileTokenizer,
  loadTokenizer,
  type SpecialRole,
  saveTokenizer,
  type TextTokenizer,
} from "./tokenizer.js";
