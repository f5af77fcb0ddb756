import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import { ConfigError, FormatError } from "@x/core";
import { StorageError } from "@x/core/journal";
import { checkTokens } from "./check-tokens.js";
import { writeFiles } from "./save.js";

/** The roles that a special token can have. */
export type SpecialRole = "bos" | "eos" | "pad" | "unk";

/** Text to token ids and back. */
export interface TextTokenizer {
  /**
   * The tokens of exactly this text; special tokens written out in it become their ids.
   *
   * @param options - `addSpecial` also adds what the tokenizer's post-processor adds, such as a leading bos; default false.
   */
  encode(text: string, options?: { readonly addSpecial?: boolean }): Int32Array;
  /** The text of the tokens, special tokens written out; bytes that are no UTF-8 become U+FFFD. */
  decode(tokens: ArrayLike<number>): string;
  /** One more than the largest id. */
  readonly vocabSize: number;
  /** The ids of the special tokens that the tokenizer has. */
  readonly special: { readonly [role in SpecialRole]?: number };
  /** A hash of everything that decides the ids: equal ids, equal encoding. */
  readonly id: string;
  /** The Jinja template of its model's conversations, when it has one. */
  readonly chatTemplate?: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** A tokenizer that has the standard files `tokenizer.json` and `tokenizer_config.json`. */
export interface FileTokenizer extends TextTokenizer {
  readonly files: { readonly tokenizer: JsonObject; readonly config: JsonObject };
}

/**
 * Loads any tokenizer of the `tokenizer.json` format.
 *
 * @param source - a directory with `tokenizer.json` and, when there are any, `tokenizer_config.json`,
 *   `special_tokens_map.json` and `chat_template.jinja`; or the parsed content of `tokenizer.json`.
 * @param config - the parsed content of `tokenizer_config.json`, for a `source` that is no directory.
 * @throws FormatError for a file that is missing, no JSON, or of a kind that is not supported.
 * @throws StorageError when the system refuses.
 */
export async function loadTokenizer(source: string | JsonObject, config: JsonObject = {}): Promise<FileTokenizer> {
  if (typeof source !== "string") return fileTokenizer(source, config);
  const tokenizer = await readJson(join(source, "tokenizer.json"));
  if (tokenizer === undefined) throw new FormatError(`loadTokenizer: ${source} must hold a tokenizer.json`);
  const template = await readText(join(source, "chat_template.jinja"));
  return fileTokenizer(tokenizer, {
    ...(await readJson(join(source, "special_tokens_map.json"))),
    ...(await readJson(join(source, "tokenizer_config.json"))),
    ...(template === undefined ? {} : { chat_template: template }),
  });
}

/**
 * Writes `tokenizer.json` and `tokenizer_config.json`, which `loadTokenizer` and Python's `AutoTokenizer` read.
 *
 * @throws StorageError when the system refuses.
 */
export async function saveTokenizer(tokenizer: FileTokenizer, directory: string): Promise<void> {
  const json = (value: unknown) => (path: string) => writeFile(path, `${JSON.stringify(value)}\n`, { flush: true });
  const { tokenizer: content, config } = tokenizer.files;
  await writeFiles(directory, { "tokenizer.json": json(content), "tokenizer_config.json": json(config) });
}

/**
 * Refuses a tokenizer that has ids the model does not know.
 *
 * @throws ConfigError when the tokenizer's vocabulary is larger than the model's.
 */
export function assertFits(
  tokenizer: { readonly vocabSize: number; readonly id: string },
  model: { readonly vocabSize: number },
): void {
  if (tokenizer.vocabSize > model.vocabSize)
    throw new ConfigError(
      `assertFits: the tokenizer's vocabSize must be at most the model's ${model.vocabSize}, ` +
        `got ${tokenizer.vocabSize} (tokenizer ${tokenizer.id})`,
    );
}

/** The tokenizer that two parsed files describe. */
export function fileTokenizer(tokenizer: JsonObject, config: JsonObject): FileTokenizer {
  const library = openLibrary(tokenizer, config);
  const vocabulary = library.get_vocab();
  let vocabSize = 0;
  for (const id of vocabulary.values()) vocabSize = Math.max(vocabSize, id + 1);
  const unk = (tokenizer.model as JsonObject).unk_token;
  const special: { [role in SpecialRole]?: number } = {};
  for (const role of ["bos", "eos", "pad", "unk"] as const) {
    const id = vocabulary.get(
      tokenText(config[`${role}_token`]) ?? (role === "unk" ? tokenText(unk) : undefined) ?? "",
    );
    if (id !== undefined) special[role] = id;
  }
  const chatTemplate = defaultTemplate(config.chat_template);
  return {
    // The library gives undefined where neither the token nor an unknown token exists; the format drops such text.
    encode: (text, { addSpecial = false } = {}) =>
      Int32Array.from(
        library
          .encode(text, { add_special_tokens: addSpecial })
          .ids.filter((id: number | undefined) => id !== undefined),
      ),
    decode(tokens) {
      const ids = Array.from(tokens);
      checkTokens("decode", ids, vocabSize);
      return ids.length === 0 ? "" : library.decode(ids, { clean_up_tokenization_spaces: false });
    },
    vocabSize,
    special,
    id: contentHash(
      ["added_tokens", "normalizer", "pre_tokenizer", "model", "post_processor"].map((k) => tokenizer[k]),
    ),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    files: { tokenizer, config },
  };
}

/** A hash of JSON values that does not depend on the order of keys. */
export function contentHash(value: unknown): string {
  const sorted = JSON.stringify(value, (_, v) =>
    typeof v === "object" && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
  return createHash("sha256").update(sorted).digest("hex").slice(0, 16);
}

function openLibrary(tokenizer: JsonObject, config: JsonObject): Tokenizer {
  try {
    const preTokenizer = exactWhitespace(tokenizer.pre_tokenizer);
    return new Tokenizer({ added_tokens: [], ...tokenizer, pre_tokenizer: preTokenizer }, config);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`loadTokenizer: tokenizer.json must be of a supported kind: ${reason}`, { cause });
  }
}

const gpt2Split = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/**
 * Makes the built-in split of the byte-level kind an explicit one. The library runs the built-in one with JavaScript's
 * idea of white space (with U+FEFF, without U+0085), the explicit one with Unicode's, which the format means.
 */
function exactWhitespace(step: unknown): unknown {
  if (typeof step !== "object" || step === null) return step;
  const { type, pretokenizers, use_regex, add_prefix_space } = step as JsonObject;
  if (type === "Sequence" && Array.isArray(pretokenizers))
    return { ...step, pretokenizers: pretokenizers.map(exactWhitespace) };
  if (type !== "ByteLevel" || use_regex === false || add_prefix_space === true) return step;
  const split = { type: "Split", pattern: { Regex: gpt2Split }, behavior: "Isolated", invert: false };
  return { type: "Sequence", pretokenizers: [split, { ...step, use_regex: false }] };
}

/** The text of a token that is written as a string or as an object with its flags. */
function tokenText(token: unknown): string | undefined {
  const text = typeof token === "object" && token !== null ? (token as JsonObject).content : token;
  return typeof text === "string" ? text : undefined;
}

/** Templates are one text, or a list with names of which "default" is the one for plain conversations. */
function defaultTemplate(template: unknown): string | undefined {
  if (!Array.isArray(template)) return typeof template === "string" ? template : undefined;
  return template.find((t: JsonObject) => t.name === "default")?.template;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new StorageError(`loadTokenizer: the system must let us read ${path}`, { path, cause });
  }
}

async function readJson(path: string): Promise<JsonObject | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as JsonObject;
  } catch (cause) {
    throw new FormatError(`loadTokenizer: ${path} must be JSON, got ${String(cause)}`, { cause });
  }
}
