export { type BpeOptions, trainBpe } from "./bpe.js";
export { applyChat, type Chat, type ChatMessage } from "./chat.js";
export { charTokenizer, type SpecialTexts, wordTokenizer } from "./simple-tokenizers.js";
export {
  assertFits,
  type FileTokenizer,
  loadTokenizer,
  type SpecialRole,
  saveTokenizer,
  type TextTokenizer,
} from "./tokenizer.js";
