import { describe, expect, it } from "vitest";
import { exampleOf } from "../src/examples.js";

const page = (...lines: string[]) => ["# Title", "", "```ts", ...lines, "```"].join("\n");
const code = (...lines: string[]) =>
  exampleOf(page(...lines), "page.md")
    .code.split("\n")
    .slice(3, 3 + lines.length);

describe("exampleOf", () => {
  it("keeps only ts fences, each line at its place", () => {
    const text =
      "# T\n\n```sh\nnpm test\n```\n\n```ts\nlet a = 1;\n```\nlet b;\n```text\nlet c;\n```\n```ts\na = 2;\n```\n";
    const { code, claims } = exampleOf(text, "page.md");
    expect(code.split("\n")).toEqual([
      "",
      "",
      "",
      "",
      "",
      "",
      "",
      "let a = 1;",
      "",
      "",
      "",
      "",
      "",
      "",
      "a = 2;",
      "",
      "",
    ]);
    expect(claims).toEqual([]);
  });

  it("turns what an expression shows into a check, over several lines, inside of loops and behind await", () => {
    expect(code("f(1); // => 2")).toEqual(["$shown(4, f(1), (2)); // => 2"]);
    expect(code("f(", "  1,", "); // => 2")).toEqual(["$shown(6, f(", "  1,", "), (2)); // => 2"]);
    expect(code("for (const x of xs) {", "  x; // => true", "}")[1]).toBe("  $shown(5, x, (true)); // => true");
    expect(code("await f(); // => null")).toEqual(["$shown(4, await f(), (null)); // => null"]);
    expect(code("({ a: 1 }).a // => 1")).toEqual(["$shown(4, ({ a: 1 }).a, (1)); // => 1"]);
  });

  it("checks the name that a declaration makes", () => {
    expect(code("const x = await f(); // => [1, 2]")).toEqual([
      "const x = await f(); $shown(4, x, ([1, 2])); // => [1, 2]",
    ]);
  });

  it("compares numbers with a point or an exponent to the digits shown, whole numbers exactly", () => {
    expect(code('f(); // => [1, 0.25, -1.5e-3, { a: "0.5" }]')[0]).toContain(
      '([1, $digits("0.25"), $digits("-1.5e-3"), { a: "0.5" }]));',
    );
  });

  it("imports once what several fences import", () => {
    expect(
      code(
        'import { a } from "m";',
        'import * as tf from "t";',
        'import { b, a } from "m";',
        'import * as tf from "t";',
        'import type { T } from "m";',
        'import "side";',
      ),
    ).toEqual([
      'import { a } from "m";',
      'import * as tf from "t";',
      'import { b } from "m";',
      "",
      'import type { T } from "m";',
      'import "side";',
    ]);
  });

  it("refuses a claim that it would not check", () => {
    expect(() => code("if (x) { // => 1", "}")).toThrow("page.md:4");
    expect(() => code("// => 1")).toThrow("page.md:4");
    expect(() => code("f(); // => about one")).toThrow('"// =>" must show an expression');
    expect(() => code("f(); // =>")).toThrow('"// =>" must show an expression');
  });
});
