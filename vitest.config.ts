import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;
const conditions = ["@x/source", "node", "import", "module", "default"];
const folders = [
  ...["packages", "apps"].flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name))),
  join(root, "docs"),
].filter((folder) => existsSync(join(folder, "package.json")));
const slow = process.env.X_SLOW === "1";

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

export default defineConfig({
  root,
  test: {
    projects: folders.map((folder) => ({
      resolve: { conditions },
      ssr: { resolve: { conditions } },
      test: {
        name: `@x/${folder.split(/[\\/]/).pop()}`,
        root: folder,
        include: ["test/**/*.test.ts"],
        exclude: slow ? [] : ["test/**/*.slow.test.ts"],
        env: { X_TENSORS: tensors(folder) },
        setupFiles: [join(root, "vitest.setup.ts")],
        testTimeout: slow ? 600_000 : 30_000,
        hookTimeout: 120_000,
      },
    })),
    coverage: { provider: "v8", include: ["packages/*/src/**/*.ts"], reporter: ["text-summary", "json-summary"] },
  },
});
