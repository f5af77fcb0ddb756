// Our ROC AUC and interval of the interquartile mean, spoken to over standard input like peers/metrics.py.
// Argument: a folder with labels.u8, scores.f64 (examples) and runs.f64 (5 runs × 26 tasks).

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { rocAuc } from "@x/metrics/classification";
import { iqm, stratifiedBootstrap } from "@x/metrics/rl";
import { serveCalls } from "./serve.js";

const folder = process.argv[2]!;
const bytes = (file: string) => Uint8Array.from(readFileSync(join(folder, file)));
const labels = bytes("labels.u8");
const scores = new Float64Array(bytes("scores.f64").buffer);
const flat = new Float64Array(bytes("runs.f64").buffer);
const runs = Array.from({ length: 5 }, (_, run) => flat.slice(26 * run, 26 * (run + 1)));
const small = { labels: labels.slice(0, 10_000), scores: scores.slice(0, 10_000) };
let seed = 0;

await serveCalls({
  "auc-1e6": () => [rocAuc(labels, scores)],
  "auc-1e4": () => [rocAuc(small.labels, small.scores)],
  iqm: () => {
    const { point, low, high } = stratifiedBootstrap(runs, iqm, { reps: 500, seed: seed++ });
    return [point, low, high];
  },
});
