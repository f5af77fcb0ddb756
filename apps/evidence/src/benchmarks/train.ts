import { type Benchmark, type Goal, judge, type Ratio } from "../benchmark.js";
import { compareRuns, pytorch, type Rival, sameLoss } from "../rivals.js";
import { sizeArguments, sizes } from "../sizes.js";
import { type Memory, startWorker, type Worker } from "../worker.js";

const goals: Readonly<Record<keyof typeof sizes, { readonly eager: Goal; readonly compile: Goal }>> = {
  S: { eager: { must: 0.9, aim: 0.7 }, compile: { aim: 0.8 } },
  M: { eager: { must: 1, aim: 0.8 }, compile: { aim: 0.9 } },
  A: { eager: { must: 0.95, aim: 0.75 }, compile: { aim: 0.85 } },
};

/** The jitted train step of `@x/lm` against PyTorch eager and `torch.compile`; at S against its own eager step; peak memory at M. */
export const train: Benchmark = {
  name: "train",
  async run({ say }) {
    const ratios: Ratio[] = [];
    const spreads: number[] = [];
    for (const name of Object.keys(sizes) as (keyof typeof sizes)[]) {
      const size = sizeArguments(sizes[name]);
      const native = (environment = {}) => startWorker("train-step.js", ["native", ...size], environment);
      const ours = native();
      const eager = pytorch("pytorch-eager", "train_step.py", size, goals[name].eager);
      const rivals: readonly Rival[] = [
        ...eager,
        ...pytorch("torch.compile", "train_step.py", [...size, "compile"], goals[name].compile),
        ...(name === "S"
          ? [{ id: "own eager", worker: native({ X_JIT: "off" }), goal: { must: 0.4, aim: 0.25 } }]
          : []),
      ];
      const compared = await compareRuns({
        name: `train-step-${name}`,
        ...{ ours, rivals, command: "steps", check: sameLoss, say },
      });
      ratios.push(...compared.ratios, ...(name === "M" ? await peakMemory(ours, eager) : []));
      spreads.push(compared.spread);
      for (const worker of [ours, ...rivals.map((rival) => rival.worker)]) worker.close();
    }
    return { ratios, spread: Math.max(...spreads) };
  },
};

async function peakMemory(ours: Worker, rivals: readonly Rival[]): Promise<Ratio[]> {
  const peak = async (worker: Worker) => [(await worker.ask<Memory>("memory")).peak];
  const mine = await peak(ours);
  const ratios: Ratio[] = [];
  for (const { id, worker } of rivals)
    ratios.push(judge(`peak-memory-M, bytes/${id}`, mine, await peak(worker), { must: 1.5, aim: 1 }));
  return ratios;
}
