import ts from "typescript";
import type { Workspace } from "./workspaces.js";

/** One `@paper` tag: an equation, algorithm or section and the function that is it. */
export interface Implementation {
  /** The arXiv id. */
  readonly paper: string;
  /** Where in the paper: `eq. 3`. */
  readonly locator: string;
  /** The package, without `@x/`. */
  readonly name: string;
  /** The function, or `Class.method`. */
  readonly symbol: string;
  /** From the root. */
  readonly file: string;
  /** From the root: the test that mirrors the source file, or else the first that names the function. */
  readonly test: string | undefined;
}

/** Every `@paper` tag under the `src` of a package. */
export function implementationsOf({ folder, sources }: Workspace): Implementation[] {
  const tests = [...sources].filter(([file]) => /^test\/.*\.test\.ts$/.test(file));
  return [...sources]
    .filter(([file]) => file.startsWith("src/"))
    .flatMap(([file, text]) =>
      tagsOf(file, text).map(({ paper, locator, symbol }) => {
        const word = new RegExp(`\\b${symbol.split(".").at(-1)}\\b`);
        const beside = file.replace(/^src/, "test").replace(/\.ts$/, ".test.ts");
        const naming = tests.find(([, test]) => word.test(test))?.[0];
        const test = sources.has(beside) ? beside : naming;
        return {
          paper,
          locator,
          name: folder.split("/")[1]!,
          symbol,
          file: `${folder}/${file}`,
          test: test && `${folder}/${test}`,
        };
      }),
    );
}

type Tag = Pick<Implementation, "paper" | "locator" | "symbol">;

/**
 * The `@paper` tags of one file with what they stand on.
 *
 * @throws Error for a tag that is not `@paper ID LOCATOR`, or that stands on nothing with a name.
 */
export function tagsOf(path: string, text: string): Tag[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const tags: Tag[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    const own = ts.getJSDocCommentsAndTags(node).filter((doc) => ts.isJSDoc(doc) && doc.parent === node) as ts.JSDoc[];
    const symbol = nameOf(node, owner);
    for (const tag of own.flatMap((doc) => doc.tags ?? [])) {
      if (tag.tagName.text !== "paper") continue;
      const [, paper, locator = ""] =
        /^(\d{4}\.\d{4,5})\b *([^\n]*)$/.exec(ts.getTextOfJSDocComment(tag.comment) ?? "") ?? [];
      if (!paper || !symbol)
        throw new Error(
          `${path}: a tag must be "@paper 2410.12492 eq. 3", on a declaration, got ${tag.getText().trim()}`,
        );
      tags.push({ paper, locator, symbol });
    }
    ts.forEachChild(node, (child) =>
      visit(child, ts.isClassLike(node) || ts.isInterfaceDeclaration(node) ? `${symbol}.` : ""),
    );
  };
  visit(file, "");
  const written = text.match(/@paper\b/g)?.length ?? 0;
  if (written !== tags.length)
    throw new Error(`${path}: ${written - tags.length} @paper stand on nothing that has a name`);
  return tags;
}

function nameOf(node: ts.Node, owner: string): string | undefined {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]?.name.getText();
  const { name } = node as ts.NamedDeclaration;
  return name && owner + name.getText();
}

/** What is wrong with the tags, given the papers' titles and the equations that must not get lost. */
export function problems(
  implementations: readonly Implementation[],
  titles: Readonly<Record<string, string>>,
  required: Readonly<Record<string, readonly string[]>>,
): string[] {
  const present = new Set(implementations.map(({ paper, locator, symbol }) => `${paper} ${locator}: ${symbol}`));
  return [
    ...implementations
      .filter(({ locator }) => locator === "")
      .map(({ file, symbol, paper }) => `${file}: the tag of ${symbol} must say where in ${paper}`),
    ...implementations
      .filter(({ test }) => test === undefined)
      .map(({ file, symbol }) => `${file}: ${symbol} has no test`),
    ...implementations
      .filter(({ paper }) => titles[paper] === undefined)
      .map(({ file, paper }) => `${file}: the list of papers has no title of ${paper}`),
    ...Object.keys(titles)
      .filter((paper) => !implementations.some((one) => one.paper === paper))
      .map((paper) => `nothing implements ${paper} any more`),
    ...Object.entries(required).flatMap(([paper, wanted]) =>
      wanted.filter((one) => !present.has(`${paper} ${one}`)).map((one) => `${paper} ${one} is gone`),
    ),
  ];
}

/** The page `docs/paper-map.md`. */
export function toMarkdown(
  implementations: readonly Implementation[],
  titles: Readonly<Record<string, string>>,
): string {
  const papers = [...new Set(implementations.map(({ paper }) => paper))].sort();
  const sections = papers.map((paper) => {
    const rows = implementations
      .filter((one) => one.paper === paper)
      .sort((a, b) => compare(a.locator, b.locator) || compare(a.file, b.file) || compare(a.symbol, b.symbol))
      .map(({ locator, name, symbol, file, test }) => {
        const link = (path: string) => `[${path.split("/").slice(2).join("/")}](../${path})`;
        return `| ${locator} | \`@x/${name}\` | \`${symbol}\` | ${link(file)} | ${test === undefined ? "" : link(test)} |`;
      });
    return [
      `## ${titles[paper] ?? paper}`,
      "",
      `[arXiv ${paper}](https://arxiv.org/abs/${paper})`,
      "",
      "| where | package | function | file | test |",
      "|---|---|---|---|---|",
      ...rows,
    ].join("\n");
  });
  return [
    "# Papers and the code that is them",
    "Written by `npm run map -w @x/docs` from the `@paper` tags of the sources; a test compares the two.",
    ...sections,
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

/** By number where the texts have numbers: `eq. 2` before `eq. 10`. */
const compare = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });
