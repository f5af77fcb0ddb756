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
 * @throws FormatError naming file and line for a line that is no JSON object with a string `text`, or another kind of file.
 * @throws ValueError when nothing but white space is found.
 */
export async function readDocuments(path: string): Promise<readonly TextDocument[]> {
  const found = await stat(path).catch((cause) => {
    throw new FormatError(`readDocuments: ${path} cannot be read (${cause.code})`, { cause });
  });
  const files = found.isDirectory()
    ? (await readdir(path))
        .filter((file) => readers.has(extname(file)))
        .sort()
        .map((file) => join(path, file))
    : [path];
  const documents: TextDocument[] = [];
  for (const file of files) {
    const read = readers.get(extname(file));
    if (read === undefined)
      throw new FormatError(`readDocuments: ${file} must end in ${[...readers.keys()].join(" or ")}`);
    for (const document of read(file, await readFile(file, "utf8"))) documents.push(document);
  }
  const full = documents.filter((document) => document.text.trim() !== "");
  if (full.length === 0)
    throw new ValueError(`readDocuments: ${path} holds no text`, { argument: "path", value: path });
  return full;
}

const readers = new Map<string, (file: string, content: string) => Iterable<TextDocument>>([
  [".jsonl", jsonLines],
  [".txt", plainText],
]);

function* jsonLines(file: string, content: string): Iterable<TextDocument> {
  let number = 0;
  for (const line of content.split("\n")) {
    number++;
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new FormatError(`readDocuments: ${file}:${number} is no JSON`, { cause });
    }
    const { text, id, category } = (value ?? {}) as Record<string, unknown>;
    if (typeof text !== "string")
      throw new FormatError(`readDocuments: ${file}:${number} must have a string "text", got ${typeof text}`);
    yield {
      id: typeof id === "string" ? id : `${basename(file)}:${number}`,
      text,
      ...(typeof category === "string" ? { category } : {}),
    };
  }
}

const title = /^ ?= [^=].*[^=] = ?$/;

function* plainText(file: string, content: string): Iterable<TextDocument> {
  const lines = content.split("\n");
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
