import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { Json } from "@x/core";
import { type Journal, openJournal, readJournal, StorageError } from "@x/core/journal";
import { assignAll, type CheckpointState, loadCheckpoint, type NamedVariables, saveCheckpoint } from "@x/runtime";
import { takeLock } from "./lock.js";

/** A run on disk: `run.json` (what runs), `journal.jsonl` (what happened), `checkpoints/STAGE`, `report.html`, `lock`. */
export interface Run {
  readonly directory: string;
  readonly config: Json;
  readonly journal: Journal;
  /** Whether an earlier process began this run. */
  readonly resumed: boolean;
}

/** One number or more at a step of a stage, as the journal keeps them. */
export type MetricRecord = {
  readonly kind: "metric";
  readonly stage: string;
  readonly step: number;
  readonly values: { readonly [name: string]: number };
};

/**
 * Opens the unfinished run of this very configuration under `runs`, or starts a new one.
 *
 * The folder is `NAME-HASH`, of the configuration's hash; a finished run is left alone and the next gets `-2`, `-3` ….
 *
 * @throws StateError when another process is writing the run, StorageError when the system refuses, FormatError for a
 *   damaged journal.
 */
export async function openRun(runs: string, name: string, config: Json): Promise<Run> {
  const hash = createHash("sha256").update(JSON.stringify(config)).digest("hex").slice(0, 8);
  for (let attempt = 1; ; attempt++) {
    const folder = attempt === 1 ? `${name}-${hash}` : `${name}-${hash}-${attempt}`;
    const directory = join(runs, folder);
    const journal = join(directory, "journal.jsonl");
    if (existsSync(journal) && isFinished(await readJournal(journal))) continue;
    await claim(directory, `${JSON.stringify({ version: 1, name, config }, null, 2)}\n`);
    const resumed = existsSync(journal);
    const opened = await openJournal(journal);
    if (!isFinished(opened.records)) return { directory, config, journal: opened, resumed };
    await opened.close(); // its process ended between the look and the lock
  }
}

/** Makes the folder when it is absent, takes its lock, and only then writes `run.json`, in one piece. */
async function claim(directory: string, text: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    takeLock(directory);
    const path = join(directory, "run.json");
    if (existsSync(path)) return;
    await writeFile(`${path}.part`, text, { flush: true });
    await rename(`${path}.part`, path);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new StorageError(`openRun: the system must let us use ${directory}, got ${error.message}`, {
      path: directory,
      cause: error,
    });
  }
}

const isFinished = (records: readonly Json[]): boolean => records.some((record) => kindOf(record) === "finished");

/** What a stage yields: the numbers of a step, or a checkpoint to save. The events of the packages' trainers fit. */
type StageEvent =
  | {
      readonly type: "step";
      readonly step: number;
      readonly total?: number;
      readonly data: { readonly [metric: string]: number };
    }
  | { readonly type: "checkpoint"; readonly step: number; readonly checkpoint: CheckpointState };

/** Shows the numbers of a step to whoever watches. */
export type Show = (stage: string, step: number, total: number, values: Readonly<Record<string, number>>) => void;

/** A part of a pipeline that trains: what it leaves behind, and its events. */
export interface Stage {
  readonly name: string;
  /** The variables that the stage trains; a finished stage is restored by assigning them. */
  readonly variables: NamedVariables;
  run(resume: CheckpointState | undefined): AsyncIterable<StageEvent>;
}

/**
 * Runs a stage to its end, or restores it when an earlier process finished it.
 *
 * Every metric goes to the journal and then to `show`; every checkpoint event is saved; the stage goes on from its newest
 * checkpoint that verifies.
 */
export async function runStage(run: Run, stage: Stage, show: Show): Promise<void> {
  const directory = join(run.directory, "checkpoints", stage.name);
  const resume = await loadCheckpoint(directory);
  try {
    if (resume !== undefined && isFinal(resume)) return assignAll("runStage", stage.variables, resume.tensors);
    if (run.resumed) await run.journal.append({ kind: "resume", stage: stage.name, step: resume?.step ?? 0 });
    let step = resume?.step ?? 0;
    for await (const event of stage.run(resume)) {
      step = event.step;
      if (event.type === "checkpoint") await saveCheckpoint(directory, event.checkpoint, { keep: 2 });
      else {
        await run.journal.append({ kind: "metric", stage: stage.name, step, values: event.data });
        show(stage.name, step, event.total ?? step, event.data);
      }
    }
    await saveCheckpoint(directory, { step: step + 1, state: { final: true }, tensors: stage.variables }, { keep: 1 });
  } finally {
    tf.dispose([...(resume?.tensors.values() ?? [])]);
  }
}

/** Whether a checkpoint is what a stage left behind at its end. */
function isFinal({ state }: CheckpointState): boolean {
  return (state as { readonly final?: boolean }).final === true;
}

/** The metrics of a run in order; what a resume took back is gone. */
export function metricsOf(records: readonly Json[]): readonly MetricRecord[] {
  let kept: MetricRecord[] = [];
  for (const record of records) {
    const kind = kindOf(record);
    if (kind === "metric") kept.push(record as MetricRecord);
    if (kind === "resume") {
      const { stage, step } = record as { stage: string; step: number };
      kept = kept.filter((metric) => metric.stage !== stage || metric.step <= step);
    }
  }
  return kept;
}

const kindOf = (record: Json): unknown => (record as { readonly kind?: unknown } | null)?.kind;
