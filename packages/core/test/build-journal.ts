import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** Compiles `src` into a folder, for processes that a test will kill; the path of its journal module. */
export function buildJournal(folder: string): string {
  const source = join(import.meta.dirname, "..", "src");
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const file of readdirSync(source)) {
    const { outputText } = ts.transpileModule(readFileSync(join(source, file), "utf8"), { compilerOptions });
    writeFileSync(join(folder, file.replace(/\.ts$/, ".js")), outputText);
  }
  return join(folder, "journal.js");
}
