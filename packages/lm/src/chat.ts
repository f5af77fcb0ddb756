import { Template } from "@huggingface/jinja";
import { ConfigError, FormatError, ValueError } from "@x/core";
import type { TextTokenizer } from "./tokenizer.js";

/** One turn of a conversation; templates may read further fields. */
export interface ChatMessage {
  readonly role: string;
  readonly content: string;
  readonly [field: string]: unknown;
}

/** A conversation as its model reads it. */
export interface Chat {
  readonly text: string;
  readonly tokens: Int32Array;
  /** 1 where the assistant wrote the token: the loss mask of a fine-tuning. */
  readonly assistantMask: Uint8Array;
}

/**
 * Writes a conversation in the form that the tokenizer's model was trained on.
 *
 * The assistant's tokens are found by rendering prefixes: they are what a turn adds to the conversation before it with
 * the assistant's opening, up to its eos token (a line break after that is the template's). So the mask is exact, or
 * there is an error.
 *
 * @param options - `addGenerationPrompt` ends with the opening of an assistant's turn, for the model to continue;
 *   default false.
 * @throws ConfigError when the tokenizer has no chat template.
 * @throws FormatError when the template fails or refuses the messages.
 * @throws ValueError when the conversation up to an assistant's turn is not how the whole begins, so that no mask fits:
 *   some templates drop earlier thoughts.
 */
export function applyChat(
  tokenizer: TextTokenizer,
  messages: readonly ChatMessage[],
  options: { readonly addGenerationPrompt?: boolean } = {},
): Chat {
  const render = renderer(tokenizer);
  const text = render(messages, options.addGenerationPrompt ?? false);
  const tokens = tokenizer.encode(text);
  const assistantMask = new Uint8Array(tokens.length);
  const tokensBefore = (end: number, generation: boolean) => {
    const part = tokenizer.encode(render(messages.slice(0, end), generation));
    if (part.every((token, i) => token === tokens[i])) return part.length;
    throw new ValueError(
      `applyChat: the conversation before message ${end} must begin the whole one, but its tokens differ`,
      { argument: "messages", index: end, value: messages[end]?.content },
    );
  };
  messages.forEach((message, i) => {
    if (message.role !== "assistant") return;
    const begin = tokensBefore(i, true);
    const next = tokensBefore(i + 1, false);
    const eos = tokenizer.special.eos === undefined ? -1 : tokens.lastIndexOf(tokenizer.special.eos, next - 1);
    assistantMask.fill(1, begin, eos >= begin ? eos + 1 : next);
  });
  return { text, tokens, assistantMask };
}

function renderer(tokenizer: TextTokenizer): (messages: readonly ChatMessage[], generation: boolean) => string {
  const { chatTemplate } = tokenizer;
  if (chatTemplate === undefined)
    throw new ConfigError(`applyChat: the tokenizer must have a chat template, got none (tokenizer ${tokenizer.id})`);
  const roles = Object.entries(tokenizer.special);
  const specials = Object.fromEntries(roles.map(([role, id]) => [`${role}_token`, tokenizer.decode([id])]));
  const guarded = <R>(work: () => R): R => {
    try {
      return work();
    } catch (cause) {
      throw new FormatError(`applyChat: the chat template must render the messages: ${String(cause)}`, { cause });
    }
  };
  const template = guarded(() => new Template(chatTemplate));
  return (messages, generation) =>
    guarded(() => template.render({ ...specials, messages, add_generation_prompt: generation }));
}
