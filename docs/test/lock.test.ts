import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { countOf, type Lock, missingOptional } from "../src/lock.js";
import { root } from "../src/workspaces.js";

const lock: Lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));

describe("package-lock.json", () => {
  it("names every optional dependency, in its version", () => {
    expect(missingOptional(lock)).toEqual([]);
  });

  it.each([
    ["turbo", "@turbo/"],
    ["@biomejs/biome", "@biomejs/cli-"],
    ["rollup", "@rollup/rollup-"],
    ["esbuild", "@esbuild/"],
    ["oxc-parser", "@oxc-parser/binding-"],
    ["oxc-resolver", "@oxc-resolver/binding-"],
  ])("has the binaries of %s for all platforms", (parent, prefix) => {
    const wanted = Object.keys(lock.packages[`node_modules/${parent}`]?.optionalDependencies ?? {});
    const binaries = wanted.filter((name) => name.startsWith(prefix));
    expect(binaries.length).toBeGreaterThan(5);
    expect(countOf(lock, prefix)).toBe(binaries.length);
  });

  it("keeps the native backend as an optional dependency of the reference app", () => {
    expect(lock.packages["apps/reference"]?.optionalDependencies).toHaveProperty("@tensorflow/tfjs-node-gpu");
    expect(countOf(lock, "@tensorflow/tfjs-node-gpu")).toBeGreaterThan(0);
  });
});

describe("missingOptional", () => {
  const packages = {
    "node_modules/tool": {
      version: "2.0.0",
      optionalDependencies: { "@tool/linux": "2.0.0", "@tool/darwin": "2.0.0" },
    },
    "node_modules/@tool/linux": { version: "2.0.0" },
    "node_modules/@tool/darwin": { version: "2.0.0" },
    "node_modules/user/node_modules/tool": { version: "1.0.0", optionalDependencies: { "@tool/linux": "1.0.0" } },
    "node_modules/user/node_modules/@tool/linux": { version: "1.0.0" },
  };

  it("finds nothing in a whole lock", () => {
    expect(missingOptional({ packages })).toEqual([]);
  });

  it("finds an entry that npm dropped", () => {
    const { "node_modules/@tool/darwin": _, ...rest } = packages;
    expect(missingOptional({ packages: rest })).toEqual(["node_modules/tool wants @tool/darwin@2.0.0"]);
  });

  it("finds a nested entry that is missing, although another version is further up", () => {
    const { "node_modules/user/node_modules/@tool/linux": _, ...rest } = packages;
    expect(missingOptional({ packages: rest })).toEqual([
      "node_modules/user/node_modules/tool wants @tool/linux@1.0.0",
    ]);
  });

  it("accepts any version for a range", () => {
    const app = { "apps/app": { optionalDependencies: { "@tool/linux": "^2.0.0" } } };
    expect(missingOptional({ packages: { ...packages, ...app } })).toEqual([]);
  });
});
