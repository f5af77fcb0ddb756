import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleOf } from "@x/docs/examples";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..", "..");
const run = (command: string, args: string[], cwd: string) =>
  execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { optional?: boolean }>>;
}
const manifest = (name: string): Manifest =>
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));

/** The `@x` packages that a package brings along, itself included. */
function closure(name: string): string[] {
  const found = new Set([name]);
  for (const member of found)
    for (const dependency of Object.keys(manifest(member).dependencies ?? {}))
      if (dependency.startsWith("@x/")) found.add(dependency.slice(3));
  return [...found];
}

/** The README's examples as one module that checks the values that they show. */
function example(name: string): string {
  const page = join(root, "packages", name, "README.md");
  const shown = createRequire(import.meta.url).resolve("@x/docs/shown");
  return `import { $digits, $shown } from ${JSON.stringify(shown)}; ${exampleOf(readFileSync(page, "utf8"), page).code}`;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "x-tarballs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["metrics", "curriculum"])("the tarball of @x/%s", (name) => {
  it("is smaller than 120 kB", () => {
    const [{ size }] = JSON.parse(run("npm", ["pack", "--dry-run", "--json"], join(root, "packages", name)));
    expect(size).toBeLessThan(120_000);
  });
});

describe.each(["soft-select", "lm", "metrics", "curriculum", "planner"])(
  "the tarball of @x/%s in an empty project",
  (name) => {
    it("installs with its own @x packages and its peers only, and runs the README example to the values shown", () => {
      const project = mkdtempSync(join(folder, `${name}-`));
      const members = closure(name);
      const tarballs = members.map((member) => {
        const [file] = JSON.parse(
          run("npm", ["pack", "--json", "--pack-destination", project], join(root, "packages", member)),
        );
        return `./${file.filename}`;
      });
      const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest(name);
      const peers = Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
      const backend = name === "soft-select" ? ["@tensorflow/tfjs-backend-wasm@4.22.0"] : [];
      writeFileSync(join(project, "package.json"), JSON.stringify({ name: "empty", private: true, type: "module" }));
      run(
        "npm",
        ["install", "--no-audit", "--no-fund", ...tarballs, ...peers.map((peer) => `${peer}@4.22.0`), ...backend],
        project,
      );

      expect(readdirSync(join(project, "node_modules", "@x")).sort()).toEqual([...members].sort());

      writeFileSync(join(project, "example.ts"), example(name));
      run(
        join(root, "node_modules", ".bin", "esbuild"),
        ["example.ts", "--bundle", "--packages=external", "--platform=node", "--format=esm", "--outfile=example.js"],
        project,
      );
      run(process.execPath, ["example.js"], project);
    });
  },
);
