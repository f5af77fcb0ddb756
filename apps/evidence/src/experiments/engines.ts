import { mean } from "@x/metrics/stats";
import { criterion, type Experiment } from "../experiment.js";
import { startWorker } from "../worker.js";

/** What a worker answers that has trained a model. */
export interface Trained {
  /** Nats per character of the validation text. */
  readonly curve: readonly { readonly step: number; readonly nll: number }[];
  /** The share of the held-out additions that it solves. */
  readonly solved: number;
  /** The median time of a step. */
  readonly ms: number;
  readonly backend: string;
}

/** The engines: a backend, and the environment of its process. */
const engines = {
  xla: { backend: "native", environment: { X_JIT: "xla" } },
  eager: { backend: "native", environment: { X_JIT: "off" } },
  wasm: { backend: "wasm", environment: {} },
} as const;

/**
 * The same learning on every engine: TensorFlow with XLA, TensorFlow operation by operation, and wasm. Each trains the same
 * models, from the same weights and in the same order of the same text, in a process of its own.
 *
 * Fixed before the run: text of `textOf`, rows of 64 characters, 16 in a batch; preset `nano`; 1,500 steps, learning rate
 * 3·10⁻³ after 50 steps of warming up, then a cosine down to 10⁻⁵.
 */
export const engineCurves: Experiment = {
  name: "engines",
  defaultSeeds: 3,
  tensors: true,
  async run({ seeds, say }) {
    const found: [engine: string, runs: Trained[]][] = [];
    for (const [engine, { backend, environment }] of Object.entries(engines)) {
      const worker = startWorker("engine.js", [backend], environment);
      const runs: Trained[] = [];
      for (const seed of seeds) {
        const run = await worker.ask<Trained>(`train ${seed}`);
        runs.push(run);
        say(
          `${engine}, seed ${seed}: ${run.curve.at(-1)!.nll.toFixed(4)} nats, ${(100 * run.solved).toFixed(1)} % solved, ${run.ms.toFixed(1)} ms a step`,
        );
      }
      worker.close();
      found.push([engine, runs]);
    }
    const last = found.map(([, runs]) => mean(runs.map(({ curve }) => curve.at(-1)!.nll)));
    return {
      backend: found.map(([engine, runs]) => `${engine} = ${runs[0]!.backend}`).join("; "),
      criteria: [
        criterion("largest difference of two engines, nats", Math.max(...last) - Math.min(...last), {
          highBelow: 0.02,
        }),
        ...found.map(([engine, runs]) =>
          criterion(`additions solved, ${engine}`, mean(runs.map(({ solved }) => solved)), { atLeast: 0.9 }),
        ),
        ...found.map(([engine, runs]) => criterion(`ms a step, ${engine}`, mean(runs.map(({ ms }) => ms)), "report")),
      ],
      tables: {
        curves: Object.fromEntries(
          found.map(([engine, runs]) => [
            engine,
            runs[0]!.curve.map(({ step }, i) => ({ step, nats: runs.map(({ curve }) => curve[i]!.nll) })),
          ]),
        ),
        solved: Object.fromEntries(found.map(([engine, runs]) => [engine, runs.map(({ solved }) => solved)])),
      },
    };
  },
};
