import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { FormatError, ValueError } from "@x/core";
import { describe, expect, it } from "vitest";
import { contentOf, readDocuments } from "../src/documents.js";
import { temporaryFolder } from "./tiny.js";

const at = temporaryFolder();

/** Writes a file of lines and reads it as a corpus. */
function read(name: string, ...lines: string[]) {
  writeFileSync(at(name), lines.join("\n"));
  return readDocuments(at(name));
}

describe("readDocuments of a .txt file", () => {
  const long = (letter: string) => letter.repeat(1500);

  it("cuts at the first blank line after 2,000 characters, and loses no text", async () => {
    const documents = await read("a.txt", long("a"), "", long("b"), long("c"), " ", "", long("d"), "");
    expect(documents).toEqual([
      { id: "a.txt#1", text: [long("a"), "", long("b"), long("c")].join("\n") },
      { id: "a.txt#2", text: long("d") },
    ]);
  });

  it("opens a document at each title of the WikiText form, and at no heading inside an article", async () => {
    const documents = await read(
      "wiki.txt",
      "",
      " = First = ",
      "",
      "One.",
      "",
      " = = Section = = ",
      "",
      long("x"),
      "",
      long("y"),
      " = M = ",
      "Two.",
    );
    expect(documents.map(({ text }) => text)).toEqual([
      ["= First = ", "", "One.", "", " = = Section = = ", "", long("x"), "", long("y")].join("\n"),
      "= M = \nTwo.",
    ]);
  });

  it("reads files of Windows as those of Unix", async () => {
    expect(await read("a.txt", "\ufeff = First = \r", "One.\r", " = Second = \r", "Two.\r")).toEqual([
      { id: "a.txt#1", text: "= First = \nOne." },
      { id: "a.txt#2", text: "= Second = \nTwo." },
    ]);
    expect(await read("a.jsonl", '\ufeff{"text": "one"}\r', "")).toEqual([{ id: "a.jsonl:1", text: "one" }]);
  });
});

describe("readDocuments of a .jsonl file", () => {
  it("takes text, id and category, numbers what has no id by its line, and passes over empty lines and texts", async () => {
    const lines = ['{"text": "one", "id": "x", "category": "news"}', "", '{"text": " "}', '{"text": "two", "id": 3}'];
    expect(await read("a.jsonl", ...lines)).toEqual([
      { id: "x", text: "one", category: "news" },
      { id: "a.jsonl:4", text: "two" },
    ]);
  });

  it("throws FormatError with file and line for what is no JSON object with a text", async () => {
    const good = '{"text": "one"}';
    for (const bad of ['{"text": "one"', "one", "null", "[]", '"text"', '{"text": 1}', '{"body": "one"}']) {
      const error = await read("a.jsonl", good, "", bad).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(FormatError);
      expect((error as Error).message).toContain(`${at("a.jsonl")}:3 must be`);
      expect((error as Error).message).toContain(bad);
    }
  });
});

describe("readDocuments", () => {
  it("reads the .txt and .jsonl files of a folder by name and leaves the others alone", async () => {
    writeFileSync(at("b.txt"), "two");
    writeFileSync(at("a.jsonl"), '{"text": "one"}\n');
    writeFileSync(at("c.md"), "not this");
    expect((await readDocuments(at())).map(({ text }) => text)).toEqual(["one", "two"]);
  });

  it("throws FormatError for a path that is missing, of another kind or not to be read", async () => {
    await expect(readDocuments(at("none.txt"))).rejects.toThrow(FormatError);
    await expect(readDocuments(at("none.txt"))).rejects.toThrow("must be readable, got ENOENT");
    await expect(read("a.csv", "text")).rejects.toThrow(FormatError);
    await expect(read("a.csv", "text")).rejects.toThrow("a.csv must end in .jsonl or .txt");
    mkdirSync(at("folder.txt"));
    await expect(readDocuments(at())).rejects.toThrow("folder.txt must be readable, got EISDIR");
    symlinkSync(at("loop.txt"), at("loop.txt"));
    await expect(readDocuments(at("loop.txt"))).rejects.toThrow("must be readable, got ELOOP");
  });

  it("throws ValueError when there is no text", async () => {
    for (const name of ["a.txt", "a.jsonl"]) await expect(read(name, "", " ", "")).rejects.toThrow(ValueError);
    mkdirSync(at("empty"));
    await expect(readDocuments(at("empty"))).rejects.toThrow("must hold text, got none");
  });
});

describe("contentOf", () => {
  it("changes with the texts and their order, and with nothing else", () => {
    const of = (...texts: string[]) => contentOf(texts.map((text, i) => ({ id: `${i}`, text })));
    expect(contentOf([{ id: "other", text: "a", category: "news" }])).toBe(of("a"));
    expect(new Set([of("a", "b"), of("b", "a"), of("ab"), of("a"), of("a", "c"), of('a""b')]).size).toBe(6);
  });
});
