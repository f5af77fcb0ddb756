import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/cli.ts",
    "src/workers/curriculum.ts",
    "src/workers/decode.ts",
    "src/workers/engine.ts",
    "src/workers/metrics.ts",
    "src/workers/refill.ts",
    "src/workers/stock-train-step.ts",
    "src/workers/train-step.ts",
  ],
  format: ["esm"],
  target: "node20",
  sourcemap: true,
  clean: true,
});
