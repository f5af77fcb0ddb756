import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** The `ts` fences of a README as one module; `EXPR; // => VALUE` stays as it is, for the point is that it runs. */
const example = (name: string): string =>
  [...readFileSync(join(root, "packages", name, "README.md"), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)]
    .map((match) => match[1]!)
    .join("\n");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "x-tarballs-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["soft-select", "lm", "metrics", "planner"])("the tarball of @x/%s in an empty project", (name) => {
  it("installs with its own @x packages and its peers only, and runs the README example", () => {
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

    run(
      join(root, "node_modules", ".bin", "esbuild"),
      ["example.ts", "--format=esm", "--outfile=example.js"],
      writeExample(project, name),
    );
    run(process.execPath, ["example.js"], project);
  });
});

function writeExample(project: string, name: string): string {
  writeFileSync(join(project, "example.ts"), example(name));
  return project;
}
