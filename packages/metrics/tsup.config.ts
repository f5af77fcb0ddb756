import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", cluster: "src/cluster/index.ts", lm: "src/lm/index.ts", stats: "src/stats/index.ts" },
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
