import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng } from "@x/core";
import { afterEach, beforeEach } from "vitest";

const nouns = "river stone light night bird song road house wind tree fire child".split(" ");
const verbs = "saw heard found left".split(" ");

/** Texts of plain sentences, the same for the same seed. */
export function tinyTexts(count: number, { sentences = 4, seed = 1 } = {}): string[] {
  const rng = createRng(seed);
  const one = (words: readonly string[]) => words[rng.int(words.length)]!;
  const sentence = () => `The ${one(nouns)} ${one(verbs)} the ${one(nouns)} near a ${one(nouns)}.`;
  return Array.from({ length: count }, () => Array.from({ length: sentences }, sentence).join(" "));
}

/** A folder of its own for every test; the function gives paths in it. */
export function temporaryFolder(): (...names: string[]) => string {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "xr-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  return (...names) => join(folder, ...names);
}
