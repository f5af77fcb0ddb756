import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { deadLinks } from "../src/links.js";
import { root } from "../src/workspaces.js";

const read = (path: string) => {
  if (!existsSync(join(root, path))) return undefined;
  return path.endsWith(".md") ? readFileSync(join(root, path), "utf8") : "";
};
const pagesIn = (folder: string) =>
  readdirSync(join(root, folder)).map((name) => (folder ? `${folder}/${name}` : name));
const pages = [
  ...["", "docs", "docs/papers", "docs/tutorials"].flatMap(pagesIn),
  ...["packages", "apps"].flatMap(pagesIn).map((folder) => `${folder}/README.md`),
].filter((page) => page.endsWith(".md") && read(page) !== undefined);

describe("the pages of the repository", () => {
  it.each(pages)("%s links to what exists", (page) => {
    expect(deadLinks(page, read)).toEqual([]);
  });
});

describe("deadLinks", () => {
  const files: Record<string, string> = {
    "docs/a.md": "",
    "docs/b.md": "# The `b` page: one\n\n```\n# no heading\n```\n",
    "src/c.ts": "",
    src: "",
  };
  const dead = (text: string) => deadLinks("docs/a.md", (path) => ({ ...files, "docs/a.md": text })[path]);

  it("accepts files, folders, headings and other sites", () => {
    expect(
      dead("# Here\n[1](b.md) [2](../src/c.ts) [3](../src) [4](b.md#the-b-page-one) [5](#here) [6](https://a.b/c)"),
    ).toEqual([]);
  });

  it("finds what is absent, and nothing in code", () => {
    expect(dead("[1](c.md) ![2](../src/d.png 'title') [3](b.md#two) [4](#there) [5](b.md#no-heading)")).toEqual([
      "docs/a.md: c.md",
      "docs/a.md: ../src/d.png",
      "docs/a.md: b.md#two",
      "docs/a.md: #there",
      "docs/a.md: b.md#no-heading",
    ]);
    expect(dead("`[1](c.md)`\n```ts\n[2](c.md)\n```\n")).toEqual([]);
  });
});
