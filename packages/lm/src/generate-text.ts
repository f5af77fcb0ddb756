import { type GenerateOptions, generate } from "./generate.js";
import type { GeneratingModel, GrowingCache } from "./generating-model.js";
import { assertFits, type TextTokenizer } from "./tokenizer.js";

/**
 * Continues a text, and yields what follows piece by piece as it is drawn. Characters whose bytes are split over tokens
 * are held back until they are whole. A token of `stopIds` ends the text and is not part of it. `chunk` is 8 unless given.
 *
 * @param prompt - a text, encoded with what the tokenizer adds to a beginning; or tokens, such as those of `applyChat`.
 * @throws ConfigError when the tokenizer does not fit the model; else as `generate`.
 */
export async function* generateText<Cache extends GrowingCache>(
  model: GeneratingModel<Cache>,
  tokenizer: TextTokenizer,
  prompt: string | Int32Array,
  options: GenerateOptions & { readonly seed: number | string },
): AsyncGenerator<string, void> {
  assertFits(tokenizer, model);
  const tokens = typeof prompt === "string" ? tokenizer.encode(prompt, { addSpecial: true }) : prompt;
  const all = [...tokens];
  // Text is decoded from a token before the new ones, as some tokenizers write the first one without its space.
  let from = 0;
  let shown = all.length;
  const news = () => tokenizer.decode(all.slice(from)).slice(tokenizer.decode(all.slice(from, shown)).length);

  const limits = { vocabSize: tokenizer.vocabSize, chunk: 8, ...options };
  for await (const { data } of generate(model, { prompts: [tokens], seed: options.seed }, limits)) {
    const { token, finishReason } = data[0]!;
    if (finishReason === "stop") break;
    all.push(token);
    const text = news();
    if (text === "" || text.endsWith("\ufffd")) continue;
    yield text;
    from = shown;
    shown = all.length;
  }
  const rest = news();
  if (rest !== "") yield rest;
}
