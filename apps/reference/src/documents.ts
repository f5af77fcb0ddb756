import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { FormatError, ValueError } from "@x/core";

/** One text of a corpus. */
export interface TextDocument {
  readonly id: string;
  readonly text: string;
  /** The `category` field of a jsonl line, when it has one. */
  readonly category?: string;
}

/** Characters after which a `.txt` file is cut into a new document at the next blank line. */
const documentCharacters = 2000;

/**
 * Reads a corpus.
 *
 * `.jsonl`: one document a line, `{ "text", "id"?, "category"? }`. `.txt`: cut at blank lines into documents of at least
 * 2,000 characters; in WikiText form a title line (`= Title =`) opens a document instead. A folder: all its `.txt` and
 * `.jsonl` files in the order of their names.
 *
 * @throws FormatError naming file and line for a line that is no JSON object with a string `text`, for another kind of
 *   file, and for what cannot be read.
 * @throws ValueError when nothing but white space is found.
 */
export async function readDocuments(path: string): Promise<readonly TextDocument[]> {
  const files = (await reading(path, stat(path))).isDirectory()
    ? (await reading(path, readdir(path)))
        .filter((file) => readers.has(extname(file)))
        .sort()
        .map((file) => join(path, file))
    : [path];
  const documents: TextDocument[] = [];
  for (const file of files) {
    const read = readers.get(extname(file));
    if (read === undefined)
      throw new FormatError(`readDocuments: ${file} must end in ${[...readers.keys()].join(" or ")}`);
    const lines = (await reading(file, readFile(file, "utf8"))).replace(/^\ufeff/, "").split(/\r?\n/);
    for (const document of read(file, lines)) if (document.text.trim() !== "") documents.push(document);
  }
  if (documents.length === 0)
    throw new ValueError(`readDocuments: ${path} must hold text, got none`, { argument: "path", value: path });
  return documents;
}

/** A short hash of the texts and their order, which tells one content of a path from another. */
export function contentOf(documents: readonly TextDocument[]): string {
  const hash = createHash("sha256");
  for (const document of documents) hash.update(JSON.stringify(document.text));
  return hash.digest("hex").slice(0, 16);
}

async function reading<T>(path: string, work: Promise<T>): Promise<T> {
  return work.catch((cause) => {
    throw new FormatError(`readDocuments: ${path} must be readable, got ${cause.code}`, { cause });
  });
}

const readers = new Map<string, (file: string, lines: readonly string[]) => Iterable<TextDocument>>([
  [".jsonl", jsonLines],
  [".txt", plainText],
]);

function* jsonLines(file: string, lines: readonly string[]): Iterable<TextDocument> {
  for (const [i, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const place = `${file}:${i + 1}`;
    const { text, id, category } = (parseLine(place, line) ?? {}) as Record<string, unknown>;
    if (typeof text !== "string")
      throw new FormatError(`readDocuments: ${place} must be an object with a string "text", got ${line.slice(0, 60)}`);
    yield {
      id: typeof id === "string" ? id : `${basename(file)}:${i + 1}`,
      text,
      ...(typeof category === "string" ? { category } : {}),
    };
  }
}

function parseLine(place: string, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new FormatError(`readDocuments: ${place} must be JSON, got ${line.slice(0, 60)}`, { cause });
  }
}

const title = /^ ?= [^=](.*[^=])? = ?$/;

function* plainText(file: string, lines: readonly string[]): Iterable<TextDocument> {
  const titled = lines.some((line) => title.test(line));
  let open: string[] = [];
  let length = 0;
  let count = 0;
  const close = () => ({ id: `${basename(file)}#${++count}`, text: open.join("\n").trim() });
  for (const line of lines) {
    if (titled ? title.test(line) : length >= documentCharacters && line.trim() === "") {
      if (length > 0) yield close();
      open = [];
      length = 0;
    }
    open.push(line);
    length += line.length;
  }
  if (length > 0) yield close();
}
