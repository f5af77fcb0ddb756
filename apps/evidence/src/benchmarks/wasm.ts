import type { Benchmark } from "../benchmark.js";
import { compareRuns, pytorch, type Rival, sameLoss } from "../rivals.js";
import { sizeArguments, sizes } from "../sizes.js";
import { startWorker } from "../worker.js";

/** The train step of `@x/lm` on wasm at size S, against PyTorch eager and stock tfjs-wasm. */
export const wasm: Benchmark = {
  name: "wasm",
  async run({ say }) {
    const size = sizeArguments(sizes.S);
    const ours = startWorker("train-step.js", ["wasm", ...size]);
    const rivals: readonly Rival[] = [
      ...pytorch("pytorch-eager", "train_step.py", size, { must: 5, aim: 2.5 }),
      {
        id: "stock-wasm",
        worker: startWorker("stock-train-step.js", ["wasm", ...size]),
        goal: { better: "higher", must: 6, aim: 10 },
      },
    ];
    const compared = await compareRuns({
      name: "train-step-S-wasm",
      ...{ ours, rivals, command: "steps", check: sameLoss, say },
    });
    for (const worker of [ours, ...rivals.map((rival) => rival.worker)]) worker.close();
    return compared;
  },
};
