import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { describeRuntime } from "@x/runtime";
import type { Benchmark } from "./benchmark.js";
import { curriculum } from "./benchmarks/curriculum.js";
import { decode } from "./benchmarks/decode.js";
import { lm } from "./benchmarks/lm.js";
import { metrics } from "./benchmarks/metrics.js";
import { train } from "./benchmarks/train.js";
import { wasm } from "./benchmarks/wasm.js";
import type { Experiment } from "./experiment.js";
import { alpGmmToy } from "./experiments/alp-gmm-toy.js";
import { engineCurves } from "./experiments/engines.js";
import { gvmVariance } from "./experiments/gvm-variance.js";
import { planner } from "./experiments/planner.js";
import { plannerBrown } from "./experiments/planner-brown.js";
import { secSimulated } from "./experiments/sec-simulated.js";
import { commit, machine } from "./machine.js";

const experiments: readonly Experiment[] = [planner, plannerBrown, secSimulated, alpGmmToy, gvmVariance, engineCurves];
const benchmarks: readonly Benchmark[] = [lm, train, decode, wasm, metrics, curriculum];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string" },
    data: { type: "string" },
    json: { type: "boolean" },
    save: { type: "boolean" },
  },
});
const [kind, name] = positionals;
const list = kind === "bench" ? benchmarks : experiments;
const found = list.find((entry) => entry.name === name);
if (found === undefined) {
  console.error(
    `${kind}: no ${kind === "bench" ? "benchmark" : "experiment"} "${name ?? ""}"; there are ${list.map((e) => e.name).join(", ")}`,
  );
  process.exit(2);
}

const say = (line: string) => console.error(line);
const started = Date.now();
const at = commit();
const result = kind === "bench" ? await bench(found as Benchmark) : await evidence(found as Experiment);
if (values.json) console.log(JSON.stringify(result));
if (values.save) {
  const folder = join(import.meta.dirname, "..", "results");
  mkdirSync(folder, { recursive: true });
  const given = `${values.seeds === undefined ? "" : ` --seeds ${values.seeds}`}${values.data === undefined ? "" : " --data FILE"}`;
  const command = `npm run -s ${kind} -- ${name}${given} --json`;
  const record = { ...result, command, machine: machine(), seconds: Math.round((Date.now() - started) / 1000) };
  writeFileSync(join(folder, `${kind}-${name}.json`), `${JSON.stringify(record, null, 2)}\n`);
}

async function evidence(experiment: Experiment) {
  const count = Number(values.seeds ?? experiment.defaultSeeds);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`evidence: --seeds must be a positive integer, got ${values.seeds}`);
  const seeds = Array.from({ length: count }, (_, i) => i);
  const { criteria, tables, backend = describeRuntime() } = await experiment.run({ seeds, data: values.data, say });
  if (!values.json)
    console.table(criteria.map(({ id, value, low, high, target, pass }) => ({ id, value, low, high, target, pass })));
  const pass = criteria.every((c) => c.pass !== false);
  return {
    name,
    pass,
    criteria,
    seeds: count,
    backend: experiment.tensors ? backend : "no tensors",
    commit: at,
    ...(tables === undefined ? {} : { tables }),
  };
}

async function bench(benchmark: Benchmark) {
  const { ratios, spread } = await benchmark.run({ say });
  if (!values.json) console.table(ratios);
  return { name, pass: ratios.every((r) => r.pass !== false), ratios, spread, commit: at };
}
