import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;
const conditions = ["@x/source", "node", "import", "module", "default"];
const children = (parent: string) => readdirSync(join(root, parent)).map((name) => join(root, parent, name));
const folders = [...children("packages"), ...children("apps"), join(root, "docs")].filter((folder) =>
  existsSync(join(folder, "package.json")),
);

// vitest run [--mode slow | native | extras]: what needs only Node and seconds; also what takes minutes; the same on
// TensorFlow; what needs Python, a file system of its own or another program.
const slow = "test/**/*.slow.test.ts";
const extra = "test/**/*.extra.test.ts";

/** How the tests of a workspace reach tensors; soft-select knows no runtime and uses the stock backend of that name. */
function tensors(folder: string): "runtime" | "stock" | "none" {
  const {
    name,
    dependencies = {},
    devDependencies = {},
  } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (name === "@x/core") return "none";
  if (name === "@x/runtime" || "@x/runtime" in { ...dependencies, ...devDependencies }) return "runtime";
  return "@tensorflow/tfjs-core" in devDependencies ? "stock" : "none";
}

export default defineConfig(({ mode }) => ({
  root,
  test: {
    projects: folders.map((folder) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: `@x/${folder.split(/[\\/]/).pop()}`,
        root: folder,
        include: [mode === "extras" ? extra : "test/**/*.test.ts"],
        exclude: mode === "extras" ? [] : mode === "slow" || mode === "native" ? [extra] : [slow, extra],
        env: { X_TENSORS: tensors(folder), ...(mode === "native" ? { X_BACKEND: "native" } : {}) },
        setupFiles: [join(root, "vitest.setup.ts")],
        testTimeout: mode === "test" ? 120_000 : 600_000,
        hookTimeout: 120_000,
      },
    })),
    coverage: {
      provider: "v8" as const,
      include: ["packages/*/src/**/*.ts"],
      reporter: ["text-summary"],
      thresholds: { lines: 90, branches: 85 },
    },
  },
}));
