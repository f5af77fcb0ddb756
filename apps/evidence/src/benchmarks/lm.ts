import { type Benchmark, judge, type Ratio } from "../benchmark.js";
import { compareRuns, sameLoss } from "../rivals.js";
import { sizeArguments, sizes } from "../sizes.js";
import { type Memory, startWorker } from "../worker.js";

/** The train step of `@x/lm`: native against PyTorch eager, wasm against stock tfjs-wasm, and what memory both take. */
export const lm: Benchmark = {
  name: "lm",
  async run({ say }) {
    const M = sizeArguments(sizes.M);
    const S = sizeArguments(sizes.S);

    const native = startWorker("train-step.js", ["native", ...M]);
    const torch = startWorker("train_step.py", M);
    const large = await compareRuns({
      name: "train-step-M-native",
      rivals: [{ id: "pytorch-eager", worker: torch, goal: { must: 1.7 } }],
      ...{ ours: native, command: "steps", check: sameLoss, say },
    });
    const [memory, peerMemory] = [await native.ask<Memory>("memory"), await torch.ask<Memory>("memory")];
    native.close();
    torch.close();

    const wasm = startWorker("train-step.js", ["wasm", ...S]);
    const stock = startWorker("stock-train-step.js", ["wasm", ...S]);
    const small = await compareRuns({
      name: "train-step-S-wasm",
      rivals: [{ id: "stock-wasm", worker: stock, goal: { must: 1 / 3 } }],
      ...{ ours: wasm, command: "steps", check: sameLoss, say },
    });
    wasm.close();
    stock.close();

    const slopes = [
      await residentSlope("native", S, { settle: 2000, steps: 6000, say }),
      await residentSlope("wasm", S, { settle: 200, steps: 2000, say }),
    ];
    return {
      spread: large.spread,
      ratios: [
        ...large.ratios,
        ...small.ratios,
        judge("peak-memory-M-native/pytorch", [memory.peak], [peerMemory.peak]),
        ...slopes,
      ],
    };
  },
};

/** Blocks that were freed stay with the process: what it holds then rises only when more is held at once than before. */
const keepBlocks = "glibc.malloc.trim_threshold=17179869184:glibc.malloc.mmap_threshold=4294967296";

/**
 * The rise of resident memory in bytes a step, against 1,024: least squares over the means of 10 blocks of 20 readings, with
 * its 95 % interval. Before them come steps in which the process still gives back what starting took. Nothing is judged when
 * memory wanders so much that the interval is wider than the bound.
 */
async function residentSlope(
  backend: "native" | "wasm",
  size: readonly string[],
  { settle, steps, say }: { readonly settle: number; readonly steps: number; readonly say: (line: string) => void },
): Promise<Ratio> {
  const worker = startWorker("train-step.js", [backend, ...size], { GLIBC_TUNABLES: keepBlocks });
  await worker.ask(`steps ${settle}`);
  const [n, readings] = [10, 20];
  const blocks: number[] = [];
  for (let block = 0; block < n; block++) {
    let sum = 0;
    for (let i = 0; i < readings; i++) {
      await worker.ask(`steps ${steps / n / readings}`);
      sum += (await worker.ask<Memory>("memory")).resident;
    }
    blocks.push(sum / readings);
    say(
      `S: ${(blocks.at(-1)! / 2 ** 20).toFixed(2)} MiB resident on ${backend} up to step ${settle + (steps * (block + 1)) / n}`,
    );
  }
  worker.close();
  const mean = blocks.reduce((a, b) => a + b) / n;
  const place = blocks.map((_, i) => (steps / n) * (i - (n - 1) / 2));
  const spread = place.reduce((sum, x) => sum + x * x, 0);
  const slope = blocks.reduce((sum, y, i) => sum + place[i]! * (y - mean), 0) / spread;
  const residual = blocks.reduce((sum, y, i) => sum + (y - mean - slope * place[i]!) ** 2, 0);
  const half = 2.306 * Math.sqrt(residual / (n - 2) / spread); // t, 8 degrees of freedom
  const cannot = half > 1024;
  return {
    id: `resident-memory-S-${backend}, bytes a step/1024`,
    better: "lower",
    ours: slope,
    peer: 1024,
    ratio: slope / 1024,
    low: (slope - half) / 1024,
    high: (slope + half) / 1024,
    target: cannot ? "≤ 1 (cannot judge: memory wanders)" : "≤ 1",
    pass: cannot ? null : slope <= 1024,
  };
}
