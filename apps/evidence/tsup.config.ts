import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/cli.ts",
    ...["train-step", "stock-train-step", "metrics", "curriculum"].map((worker) => `src/workers/${worker}.ts`),
  ],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
});
