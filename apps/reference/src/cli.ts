import { resolve } from "node:path";
import { ConfigError, XError } from "@x/core";
import { createRuntime } from "@x/runtime";
import { Command } from "commander";
import { contentOf, readDocuments } from "./documents.js";
import { plannerPipeline } from "./pipelines/planner.js";
import { demo, type PlannerSettings, text } from "./presets.js";
import { resultRows, writePlannerReport } from "./report/planner-report.js";
import { openRun } from "./run.js";
import { printable, progressLines, table, watching } from "./terminal.js";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19))
  exit(`xr needs Node 20.19 or newer, this is ${process.versions.node}`, 2);

const program = new Command("xr")
  .description("Pipelines of the @x packages.")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));

program
  .command("demo")
  .description("train a language model that plans, on a generated language; under two minutes")
  .option("--runs <folder>", "where runs are kept", "runs")
  .action((options: { runs: string }) => guard(() => runPlanner("demo", demo, options.runs, "wasm")));

program
  .command("run")
  .argument("<pipeline>", "planner")
  .description("run a pipeline on your own texts")
  .requiredOption("--data <path>", "a .txt or .jsonl file, or a folder of them")
  .option("--runs <folder>", "where runs are kept", "runs")
  .option("--seed <n>", "seed of everything random", String(text.seed))
  .option("--actions <n>", "number of writing actions", String(text.actions))
  .option("--vocabulary <n>", "tokens of the byte-pair vocabulary", String(text.vocabulary))
  .option("--steps <planner,base,arm>", "steps of the three trainings", Object.values(text.steps).join(","))
  .option("--checkpoint-every <n>", "steps between checkpoints", String(text.checkpointEvery))
  .action((pipeline: string, options: TextOptions) =>
    guard(async () => {
      if (pipeline !== "planner") throw new ConfigError(`xr run: pipeline must be planner, got ${pipeline}`);
      const settings: PlannerSettings = {
        ...text,
        seed: count("--seed", options.seed, 0),
        actions: count("--actions", options.actions),
        vocabulary: count("--vocabulary", options.vocabulary),
        steps: stepsOf(options.steps),
        checkpointEvery: count("--checkpoint-every", options.checkpointEvery),
        data: { path: resolve(options.data), content: contentOf(await readDocuments(options.data)) },
      };
      return runPlanner("planner", settings, options.runs);
    }),
  );

type TextOptions = Readonly<
  Record<"data" | "runs" | "seed" | "actions" | "vocabulary" | "steps" | "checkpointEvery", string>
>;

await program.parseAsync();

async function runPlanner(name: string, settings: PlannerSettings, runs: string, backend?: "wasm"): Promise<void> {
  const say = (line: string) => console.log(printable(line));
  const { report } = await createRuntime(
    backend !== undefined && process.env.X_BACKEND === undefined ? { backend } : {},
  );
  say(`Node ${process.versions.node}; ${report}`);
  const run = await openRun(resolve(runs), name, settings);
  say(run.resumed ? `going on with ${run.directory}` : `run ${run.directory}`);

  const interrupt = new AbortController();
  process.once("SIGINT", () => {
    interrupt.abort(new Error("interrupted"));
    process.once("SIGINT", () => process.exit(130));
  });
  const result = await plannerPipeline(run, settings, {
    show: progressLines(say),
    say,
    watch: watching(say),
    signal: interrupt.signal,
  });
  const path = await writePlannerReport(run, settings, result);
  await run.journal.append({ kind: "finished" });
  await run.journal.close();

  say("");
  say(table(resultRows(result)));
  say(`\nreport: ${path}`);
}

/** Runs a command; what goes wrong on purpose is one line and an exit code. */
async function guard(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof Error && "syscall" in error && !XError.isInstance(error))
      exit(`StorageError: ${printable(error.message)}`, 74);
    if (!XError.isInstance(error)) throw error;
    if (error.code === "E_ABORTED") exit("interrupted; the same command goes on from the last checkpoint", 130);
    const codes: Record<string, number> = { E_STORAGE: 74, E_STATE: 4 };
    exit(printable(String(error)), codes[error.code] ?? 2);
  }
}

function count(option: string, given: string, min = 1): number {
  if (/^\d{1,9}$/.test(given) && Number(given) >= min) return Number(given);
  throw new ConfigError(`xr run: ${option} must be an integer in ${min} … 999999999, got ${JSON.stringify(given)}`);
}

function stepsOf(given: string): PlannerSettings["steps"] {
  const [planner, base, arm, ...more] = given.split(",").map((n) => count("--steps", n));
  if (planner === undefined || base === undefined || arm === undefined || more.length > 0)
    throw new ConfigError(`xr run: --steps must be three integers such as 400,600,300, got ${given}`);
  return { planner, base, arm };
}

function exit(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}
