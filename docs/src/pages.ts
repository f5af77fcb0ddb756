import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Example, exampleOf } from "./examples.js";
import { root } from "./workspaces.js";

/** A page whose examples are executed. */
export interface Page extends Example {
  /** From the root: `packages/core/README.md`. */
  readonly name: string;
  /** The module written for it. */
  readonly module: string;
}

/** Writes `docs/.snippets/*.ts`, a module for each README of a package, the root's and each tutorial that has examples. */
export function writePages(): Page[] {
  const folder = join(root, "docs", ".snippets");
  mkdirSync(folder, { recursive: true });
  const readmes = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  const tutorials = readdirSync(join(root, "docs", "tutorials"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/tutorials/${name}`);
  return ["README.md", ...readmes, ...tutorials]
    .filter((name) => existsSync(join(root, name)))
    .map((name) => {
      const example = exampleOf(readFileSync(join(root, name), "utf8"), name);
      const module = join(folder, `${name.replace(/\.md$/, "").replace(/\W+/g, "-")}.ts`);
      // In front of the first line, which is the page's title, so that lines keep their numbers.
      writeFileSync(module, `import { $digits, $shown } from "../src/shown.js"; ${example.code}`);
      return { ...example, name, module };
    })
    .filter(({ code }) => code.trim() !== "");
}
