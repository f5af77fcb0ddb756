import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { dependencyCycle, type Row, violations } from "../src/layers.js";
import { type Manifest, readWorkspaces, root, type Workspace } from "../src/workspaces.js";

/** Which package may import which. `nodeEntries` are the entries that may use Node; packages without it are for Node alone. */
const rows: Readonly<Record<string, Row>> = {
  core: { imports: [], nodeEntries: ["./journal"] },
  metrics: { imports: ["core"], nodeEntries: [] },
  curriculum: { imports: ["core"], nodeEntries: [] },
  envs: { imports: ["core", "metrics"], nodeEntries: ["./sandbox", "./tabular-ml"] },
  "soft-select": { imports: ["core"], nodeEntries: [] },
  runtime: { imports: ["core"] },
  iterate: { imports: ["core", "metrics"] },
  planner: { imports: ["core", "metrics", "runtime", "soft-select"] },
  etpo: { imports: ["core", "metrics", "runtime"] },
  "unmask-policy": { imports: ["core", "metrics", "runtime"] },
  lm: { imports: ["core", "metrics", "runtime"] },
};

const workspaces = readWorkspaces();
const tools = Object.keys(JSON.parse(readFileSync(join(root, "package.json"), "utf8")).devDependencies);

describe.each(workspaces.map((workspace) => ({ name: workspace.folder, workspace })))("$name", ({ workspace }) => {
  it("keeps to its layer, declares what it imports and says what npm needs to know", () => {
    expect(violations(workspace, { workspaces, rows, tools })).toEqual([]);
  });
});

describe("the repository", () => {
  it("has packages, and no cycle among them", () => {
    expect(workspaces.length).toBeGreaterThan(6);
    expect(dependencyCycle(workspaces)).toBeUndefined();
  });
});

describe("a planted violation is found", () => {
  const entry = { "@x/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" };
  const plain = (name: string, manifest: Partial<Manifest> = {}, sources: Record<string, string> = {}): Workspace => ({
    folder: `packages/${name}`,
    manifest: {
      name: `@x/${name}`,
      description: "A package.",
      license: "MIT",
      repository: { directory: `packages/${name}` },
      type: "module",
      sideEffects: false,
      engines: { node: ">=20.19" },
      files: ["dist", "README.md"],
      publishConfig: { access: "public" },
      exports: { ".": entry, "./package.json": "./package.json" },
      ...manifest,
    },
    sources: new Map(Object.entries({ "src/index.ts": "export const one = 1;", ...sources })),
    hasReadme: true,
  });
  const core = plain("core", {
    exports: {
      ".": entry,
      "./journal": { ...entry, "@x/source": "./src/journal.ts" },
      "./package.json": "./package.json",
    },
  });
  const metrics = plain("metrics", { dependencies: { "@x/core": "^0.1.0" } }, { "src/a.ts": 'import "@x/core";' });
  const lm = plain("lm");
  const found = (workspace: Workspace) =>
    violations(workspace, { workspaces: [core, metrics, lm], rows, tools: ["vitest"] });
  const withSource = (text: string, file = "src/b.ts", manifest: Partial<Manifest> = {}) =>
    found(plain("metrics", { dependencies: { "@x/core": "^0.1.0" }, ...manifest }, { [file]: text }));

  it("only if it was planted", () => {
    expect([core, metrics, lm].flatMap(found)).toEqual([]);
    expect(withSource('import { join } from "./c.js";\nimport type { Json } from "@x/core";')).toEqual([]);
  });

  it.each([
    ['import { lm } from "@x/lm";', "static"],
    ['export * from "@x/lm";', "re-exported"],
    ['import type { Lm } from "@x/lm";', "of a type"],
    ['const lm = await import("@x/lm");', "dynamic"],
  ])("upward import: %s", (text) => {
    expect(withSource(text)).toContain("packages/metrics/src/b.ts: its layer may not import @x/lm");
  });

  it("upward dependency", () => {
    expect(found(plain("metrics", { dependencies: { "@x/lm": "^0.1.0" } }))).toEqual([
      "packages/metrics/package.json: its layer may not depend on @x/lm",
    ]);
  });

  it("undeclared import", () => {
    expect(withSource('import fc from "fast-check";')).toEqual([
      "packages/metrics/src/b.ts: fast-check is not declared in package.json",
    ]);
    expect(withSource('import "vitest";')).toHaveLength(1);
    expect(withSource('import "vitest"; import "@x/metrics";', "test/b.test.ts")).toEqual([]);
    expect(withSource('import "@x/lm";', "test/b.test.ts")).toEqual([
      "packages/metrics/test/b.test.ts: @x/lm is not declared in package.json",
    ]);
    expect(withSource('import "@x/lm";', "test/b.test.ts", { devDependencies: { "@x/lm": "^0.1.0" } })).toEqual([]);
  });

  it("relative import that leaves the package", () => {
    expect(withSource('import "../../core/src/rng.js";')).toEqual([
      "packages/metrics/src/b.ts: ../../core/src/rng.js leaves the package",
    ]);
    expect(withSource('import "../c.js";', "src/deep/b.ts")).toEqual([]);
  });

  it.each(["@x/core/src/rng.js", "@x/core/dist/index.js", "@x/core/rng"])("deep import: %s", (specifier) => {
    expect(withSource(`import "${specifier}";`)).toEqual([`packages/metrics/src/b.ts: ${specifier} is not exported`]);
  });

  it("cycle, through test-only dependencies too", () => {
    expect(dependencyCycle([core, metrics, lm])).toBeUndefined();
    const back = plain("core", { devDependencies: { "@x/metrics": "^0.1.0" } });
    expect(dependencyCycle([back, metrics, lm])).toEqual(["@x/core", "@x/metrics", "@x/core"]);
  });

  it("built-in of Node in an entry that promised to do without, at any distance", () => {
    const sources = {
      "src/index.ts": 'export * from "./b.js";',
      "src/b.ts": 'import "./c.js";',
      "src/c.ts": 'import "node:fs";',
    };
    expect(found(plain("metrics", {}, sources))).toEqual(["packages/metrics/src/c.ts: . must do without node:fs"]);
    expect(found({ ...core, sources: new Map([["src/journal.ts", 'import "fs";']]) })).toEqual([]);
    expect(found(plain("lm", {}, sources))).toEqual([]);
  });

  it("backend named or set outside of runtime, and tfjs-core that is no peer", () => {
    const peerDependencies = { "@tensorflow/tfjs-core": "^4.22.0", "@tensorflow/tfjs-backend-cpu": "4.22.0" };
    const source = (text: string, name = "lm") => found(plain(name, { peerDependencies }, { "src/b.ts": text }));
    expect(source('import "@tensorflow/tfjs-backend-cpu";')).toEqual([
      "packages/lm/src/b.ts: only runtime may import @tensorflow/tfjs-backend-cpu",
    ]);
    expect(source("tf.setBackend(name);")).toEqual(["packages/lm/src/b.ts: only runtime may call setBackend"]);
    expect(source('import "@tensorflow/tfjs-backend-cpu"; tf.setBackend(name);', "runtime")).toEqual([]);
    expect(
      found(
        plain(
          "lm",
          { dependencies: { "@tensorflow/tfjs-core": "4.22.0" } },
          { "src/b.ts": 'import "@tensorflow/tfjs-core";' },
        ),
      ),
    ).toEqual(["packages/lm/package.json: peerDependencies must have @tensorflow/tfjs-core ^4.22.0"]);
  });

  it("package of the family as a peer, and package without a row", () => {
    expect(found(plain("metrics", { peerDependencies: { "@x/core": "^0.1.0" } }))).toEqual([
      "packages/metrics/package.json: @x/core must be a dependency, not a peer",
    ]);
    expect(found(plain("utils"))).toEqual(["packages/utils: the table of layers has no row for it"]);
  });

  it("package that is private, app that is not", () => {
    expect(found(plain("lm", { private: true }))).toEqual(["packages/lm/package.json: must not be private"]);
    expect(found({ ...lm, folder: "apps/lm" })).toEqual(["apps/lm/package.json: apps and docs must be private"]);
  });

  it.each([
    ["description", ""],
    ["license", ""],
    ["repository", { directory: "packages/other" }],
    ["type", "commonjs"],
    ["engines", { node: ">=18" }],
    ["publishConfig", {}],
    ["files", ["dist"]],
    ["exports", { ".": { default: "./dist/index.js" }, "./package.json": "./package.json" }],
    ["exports", { ".": entry }],
    ["name", "@x/elsewhere"],
  ] as const)("gap in package.json: %s", (field, value) => {
    const gaps = found(plain("lm", { [field]: value }));
    expect(gaps.length).toBeGreaterThan(0);
    for (const gap of gaps) expect(gap).toMatch(/^packages\/lm/);
  });

  it("package without README.md or word on side effects", () => {
    expect(found({ ...lm, hasReadme: false })).toEqual(["packages/lm/package.json: must have a README.md"]);
    const { sideEffects: _, ...manifest } = lm.manifest;
    expect(found({ ...lm, manifest })).toEqual(["packages/lm/package.json: must say sideEffects"]);
  });
});
