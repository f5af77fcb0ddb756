import { type Benchmark, judge, median, type Ratio, spreadOf } from "../benchmark.js";
import { sizeArguments, sizes } from "../sizes.js";
import { startWorker, type Worker } from "../worker.js";

type Steps = { readonly ms: readonly number[]; readonly loss: number };
type Memory = { readonly peak: number; readonly resident: number };

const rounds = 6;

/** The train step of `@x/lm`: native against PyTorch eager, wasm against stock tfjs-wasm, and what memory both take. */
export const lm: Benchmark = {
  name: "lm",
  async run({ say }) {
    const M = sizeArguments(sizes.M);
    const S = sizeArguments(sizes.S);

    const native = startWorker("train-step.js", ["native", ...M]);
    const torch = startWorker("train_step.py", M);
    const [ours, peer] = await interleave(native, torch, { warm: 3, steps: 8, say, what: "M: native, PyTorch eager" });
    const [memory, peerMemory] = [await native.ask<Memory>("memory"), await torch.ask<Memory>("memory")];
    native.close();
    torch.close();

    const wasm = startWorker("train-step.js", ["wasm", ...S]);
    const stock = startWorker("stock-train-step.js", ["wasm", ...S]);
    const [oursWasm, stockWasm] = await interleave(wasm, stock, {
      warm: 2,
      steps: 5,
      say,
      what: "S: wasm, stock wasm",
    });
    wasm.close();
    stock.close();

    const slopes = [
      await residentSlope("native", S, { settle: 2000, steps: 6000, say }),
      await residentSlope("wasm", S, { settle: 200, steps: 2000, say }),
    ];
    return {
      spread: spreadOf(peer),
      ratios: [
        judge("train-step-M-native/pytorch-eager", ours, peer, 1.7),
        judge("train-step-S-wasm/stock-wasm", oursWasm, stockWasm, 1 / 3),
        judge("peak-memory-M-native/pytorch", [memory.peak], [peerMemory.peak]),
        ...slopes,
      ],
    };
  },
};

/** Rounds of a few steps of each in turn; returns each side's median step of every round, in ms. */
async function interleave(
  ours: Worker,
  peer: Worker,
  o: { readonly warm: number; readonly steps: number; readonly say: (line: string) => void; readonly what: string },
): Promise<[number[], number[]]> {
  for (const worker of [ours, peer]) await worker.ask<Steps>(`steps ${o.warm}`);
  const medians: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [i, worker] of (round % 2 === 0
      ? [
          [0, ours],
          [1, peer],
        ]
      : [
          [1, peer],
          [0, ours],
        ]) as [0 | 1, Worker][])
      medians[i].push(median((await worker.ask<Steps>(`steps ${o.steps}`)).ms));
    o.say(`${o.what}: ${medians.map((list) => list.at(-1)!.toFixed(1)).join(" and ")} ms a step`);
  }
  return medians;
}

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
  const worker = startWorker("train-step.js", [backend, ...size], keepBlocks);
  await worker.ask<Steps>(`steps ${settle}`);
  const [n, readings] = [10, 20];
  const blocks: number[] = [];
  for (let block = 0; block < n; block++) {
    let sum = 0;
    for (let i = 0; i < readings; i++) {
      await worker.ask<Steps>(`steps ${steps / n / readings}`);
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
    ours: slope,
    peer: 1024,
    ratio: slope / 1024,
    low: (slope - half) / 1024,
    high: (slope + half) / 1024,
    target: cannot ? "≤ 1 (cannot judge: memory wanders)" : "≤ 1",
    pass: cannot ? null : slope <= 1024,
  };
}
