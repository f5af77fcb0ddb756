import { createRng } from "@x/core";
import { type Benchmark, judge, spreadOf } from "../benchmark.js";
import { assertSame, interleaveCalls, withFiles } from "../calls.js";
import { startWorker } from "../worker.js";

const bytes = (values: Float64Array) => new Uint8Array(values.buffer);

/** Measures against scikit-learn and rliable: CPU time on the same data, equal results asserted. */
export const metrics: Benchmark = {
  name: "metrics",
  run({ say }) {
    const rng = createRng("bench metrics");
    const labels = Uint8Array.from({ length: 1e6 }, () => rng.int(2));
    const scores = Float64Array.from(labels, (label) => label + 1.5 * rng.normal());
    const runs = Float64Array.from({ length: 5 * 26 }, () => Math.exp(rng.normal()));
    const files = { "labels.u8": labels, "scores.f64": bytes(scores), "runs.f64": bytes(runs) };
    return withFiles(files, async (folder) => {
      const workers = { ours: startWorker("metrics.js", [folder]), peer: startWorker("metrics.py", [folder]) };
      const large = await interleaveCalls<number[]>(workers, "auc-1e6", { ours: 1, peer: 1 }, say);
      const small = await interleaveCalls<number[]>(workers, "auc-1e4", { ours: 200, peer: 100 }, say);
      const iqm = await interleaveCalls<number[]>(workers, "iqm", { ours: 200, peer: 10 }, say);
      for (const worker of Object.values(workers)) worker.close();

      for (const { values } of [large, small]) assertSame("ROC AUC", ...values, 1e-12);
      const [[point, low, high], [peerPoint, peerLow, peerHigh]] = iqm.values as [Triple, Triple];
      assertSame("interquartile mean", [point], [peerPoint], 1e-12);
      assertSame("width of its interval, of 500 replicates", [high - low], [peerHigh - peerLow], 0.3);
      return {
        spread: spreadOf(large.peer),
        ratios: [
          judge("roc-auc-1e6/scikit-learn", large.ours, large.peer, { must: 1 }),
          judge("roc-auc-1e4/scikit-learn", small.ours, small.peer, { must: 0.5 }),
          judge("iqm-bootstrap-5x26, 500 replicates/rliable", iqm.ours, iqm.peer, { must: 0.02 }),
        ],
      };
    });
  },
};

type Triple = [number, number, number];
