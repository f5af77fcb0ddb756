import { defineConfig } from "tsup";

const subPaths = ["allocate", "bandit", "continuous", "filter", "replay", "schedule", "simulate"];

export default defineConfig({
  entry: { index: "src/index.ts", ...Object.fromEntries(subPaths.map((name) => [name, `src/${name}/index.ts`])) },
  format: ["esm"],
  target: "node20",
  clean: true,
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
