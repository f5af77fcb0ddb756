import { type Benchmark, judge, median, spreadOf } from "../benchmark.js";
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

    const slope = await residentSlope(S, say);
    return {
      spread: spreadOf(peer),
      ratios: [
        judge("train-step-M-native/pytorch-eager", ours, peer, 1.7),
        judge("train-step-S-wasm/stock-wasm", oursWasm, stockWasm, 1 / 3),
        judge("peak-memory-M-native/pytorch", [memory.peak], [peerMemory.peak]),
        {
          id: "resident-bytes-per-step-S-native/1024",
          ours: slope,
          peer: 1024,
          ratio: slope / 1024,
          low: slope / 1024,
          high: slope / 1024,
          target: "≤ 1",
          pass: slope <= 1024,
        },
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

/** The rise of resident memory over 2,000 steps after the first 200, in bytes a step (least squares over 10 readings). */
async function residentSlope(size: readonly string[], say: (line: string) => void): Promise<number> {
  const worker = startWorker("train-step.js", ["native", ...size]);
  await worker.ask<Steps>("steps 200");
  const readings: number[] = [];
  for (let i = 0; i < 10; i++) {
    await worker.ask<Steps>("steps 200");
    readings.push((await worker.ask<Memory>("memory")).resident);
    say(`S: ${(readings.at(-1)! / 2 ** 20).toFixed(1)} MiB resident after ${200 * (i + 2)} steps`);
  }
  worker.close();
  const mean = readings.reduce((a, b) => a + b) / readings.length;
  const centre = (readings.length - 1) / 2;
  const numerator = readings.reduce((sum, value, i) => sum + (i - centre) * (value - mean), 0);
  const denominator = readings.reduce((sum, _, i) => sum + (i - centre) ** 2, 0);
  return numerator / denominator / 200;
}
