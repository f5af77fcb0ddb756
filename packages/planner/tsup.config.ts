import { defineConfig } from "tsup";

export default defineConfig({
  entry: { index: "src/index.ts", synthetic: "src/synthetic-language.ts" },
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
