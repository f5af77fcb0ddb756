import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cases } from "./browser-cases.js";

const root = join(import.meta.dirname, "..", "..", "..");
const names = Object.keys(cases);
const folder = mkdtempSync(join(tmpdir(), "x-browser-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The built packages and the cases as one script that leaves the results, as JSON, in `results`. */
function bundle(): string {
  const out = join(folder, "cases.js");
  const script = `import { cases } from ${JSON.stringify(join(import.meta.dirname, "browser-cases.ts"))};
    globalThis.results = JSON.stringify(Object.fromEntries(Object.entries(cases).map(([name, { run }]) => [name, run()])));`;
  const esbuild = join(root, "node_modules", ".bin", "esbuild");
  const args = [
    "--bundle",
    "--log-level=error",
    "--format=iife",
    "--platform=browser",
    "--conditions=import",
    `--outfile=${out}`,
    `--metafile=${join(folder, "meta.json")}`,
  ];
  execFileSync(esbuild, args, { cwd: import.meta.dirname, input: script });
  return out;
}

/** Where Debian puts Chromium; X_CHROMIUM names another. */
function browserPath(): string {
  const path = process.env.X_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(path)) throw new Error(`no Chromium at ${path}: apt-get install chromium, or set X_CHROMIUM`);
  return path;
}

type Results = Readonly<Record<string, unknown>>;
let here: Results;
let there: Results;
let inputs: string[];

beforeAll(async () => {
  const script = bundle();
  inputs = Object.keys(JSON.parse(readFileSync(join(folder, "meta.json"), "utf8")).inputs);
  const node = `require(${JSON.stringify(script)}); process.stdout.write(globalThis.results)`;
  here = JSON.parse(execFileSync(process.execPath, ["-e", node], { encoding: "utf8" }));
  const browser = await chromium.launch({ executablePath: browserPath(), args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ path: script });
    there = JSON.parse(await page.evaluate<string>("results"));
  } finally {
    await browser.close();
  }
});

/** Whether two JSON values are equal, numbers to 1e-12 of their size. */
function close(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a));
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    left.length === right.length && left.every(([key, value], i) => right[i]![0] === key && close(value, right[i]![1]))
  );
}

describe("in Chromium, the built package", () => {
  it("is what was bundled, without any source or Node built-in", () => {
    const ours = inputs.filter((path) => /packages\/(core|metrics|curriculum)\//.test(path));
    expect(ours.length).toBeGreaterThan(2);
    for (const path of ours) expect(path).toContain("/dist/");
  });

  it.each(names.filter((name) => cases[name]!.exact))("%s gives the same bits as in Node", (name) => {
    expect(there[name]).toEqual(here[name]);
  });

  // A state's checksum is over all its digits.
  it.each(names.filter((name) => !cases[name]!.exact))("%s gives the same to 1e-12 as in Node", (name) => {
    const digits = (value: unknown) => JSON.parse(JSON.stringify(value, (key, v) => (key === "checksum" ? 0 : v)));
    expect(close(digits(there[name]), digits(here[name])), name).toBe(true);
  });
});
