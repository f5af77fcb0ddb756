import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/gradients.ts", "src/journal.ts"],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
  noExternal: [/tfjs-core\/dist\/register_all_gradients/],
  dts: { compilerOptions: { ignoreDeprecations: "6.0" } },
});
