import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, StateError } from "@x/core";
import { readJournal, StorageError } from "@x/core/journal";
import { LanguageModel, lmConfig } from "@x/lm";
import { trainJoint } from "@x/planner";
import { type CheckpointState, loadCheckpoint } from "@x/runtime";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type PreparedCorpus, prepareCorpus } from "../src/corpus.js";
import { metricsOf, openRun, runStage, type Stage } from "../src/run.js";
import { fullDisk } from "./faults.js";
import { temporaryFolder, tinyTexts } from "./tiny.js";

vi.mock("node:fs/promises", async (real) => (await import("./faults.js")).fullDisk.wrap(await real()));

const at = temporaryFolder();
afterEach(() => fullDisk.emptied());

let corpus: PreparedCorpus;
beforeAll(async () => {
  const texts = { train: tinyTexts(8), test: tinyTexts(2) };
  corpus = await prepareCorpus(texts, { vocabulary: 260, actions: 3, embedding: 4, seed: 1 });
});

/** A language model of some thousand numbers that learns in nine steps and is saved after every other one. */
function tinyStage(signal?: AbortSignal): Stage & { dispose(): void } {
  const sizes = { vocabSize: 260, hidden: 8, layers: 1, heads: 2, maxPositions: 16 };
  const lm = LanguageModel.create(lmConfig({ family: "gpt2", ...sizes }), { seed: 1 });
  const options = { source: "none", lm: "train", steps: 9, batchSize: 2, length: 16, seed: 1 } as const;
  const control = { checkpointEvery: 2, ...(signal && { signal }) };
  return {
    name: "tiny",
    variables: lm.variables,
    run: (resume) => trainJoint({ lm }, corpus.train, { ...options, ...control, ...(resume && { resume }) }),
    dispose: () => lm.dispose(),
  };
}

/** What a process of its own would do with the stage: open the run, train, end. Gives the weights and all records. */
async function live(runs: string, stage = tinyStage(), onStep: (step: number) => void = () => {}) {
  const run = await openRun(at(runs), "tiny", { seed: 1 });
  try {
    await runStage(run, stage, (_, step) => onStep(step));
    const weights = Array.from(stage.variables, ([name, value]) => [name, Array.from(value.dataSync())] as const);
    return { weights, records: await readJournal(`${run.directory}/journal.jsonl`) };
  } finally {
    await run.journal.close();
    stage.dispose();
  }
}

/** A life that ends before the step. */
async function interrupted(runs: string, step: number): Promise<void> {
  const control = new AbortController();
  const life = live(runs, tinyStage(control.signal), (done) => done === step && control.abort());
  await expect(life).rejects.toThrow(AbortedError);
}

const only = (folder: string) => `${folder}/${readdirSync(folder)[0]}`;
const saved = (runs: string) => readdirSync(`${only(at(runs))}/checkpoints/tiny`).sort();

describe("openRun", () => {
  it("goes on with the unfinished run of the same configuration and leaves finished ones alone", async () => {
    const names: string[] = [];
    const resumed: boolean[] = [];
    for (const finish of [false, true, false, true, true]) {
      const run = await openRun(at("runs"), "tiny", { seed: 1 });
      names.push(run.directory.replace(/^.*tiny-[0-9a-f]{8}/, ""));
      resumed.push(run.resumed);
      if (finish) await run.journal.append({ kind: "finished" });
      await run.journal.close();
    }
    expect(names).toEqual(["", "", "-2", "-2", "-3"]);
    expect(resumed).toEqual([false, true, false, true, false]);
  });

  it("gives another configuration or name a run of its own", async () => {
    const directories = new Set<string>();
    for (const [name, seed] of [
      ["a", 1],
      ["a", 2],
      ["b", 1],
    ] as const) {
      const run = await openRun(at("runs"), name, { seed });
      directories.add(run.directory);
      await run.journal.close();
    }
    expect(directories.size).toBe(3);
  });

  it("throws StorageError where the system refuses, leaves no half of run.json, and begins when there is space", async () => {
    fullDisk.at((path) => path.includes("run.json"));
    await expect(openRun(at("runs"), "tiny", {})).rejects.toThrow(StorageError);
    expect(readdirSync(only(at("runs")))).not.toContain("run.json");
    fullDisk.emptied();
    const run = await openRun(at("runs"), "tiny", {});
    await run.journal.close();
    expect(run.resumed).toBe(false);
    const written = JSON.parse(readFileSync(join(run.directory, "run.json"), "utf8"));
    expect(written).toEqual({ version: 1, name: "tiny", config: {} });
    writeFileSync(at("file"), "");
    await expect(openRun(at("file"), "tiny", {})).rejects.toThrow("openRun: the system must let us use");
  });

  it("leaves a folder that another process has just made as it is", async () => {
    const run = await openRun(at("runs"), "tiny", {});
    await run.journal.close();
    rmSync(join(run.directory, "journal.jsonl"));
    rmSync(join(run.directory, "run.json"));
    writeFileSync(join(run.directory, "lock"), `${process.ppid}`);
    await expect(openRun(at("runs"), "tiny", {})).rejects.toThrow(StateError);
    expect(readdirSync(run.directory)).toEqual(["lock"]);
    expect(readFileSync(join(run.directory, "lock"), "utf8")).toBe(`${process.ppid}`);
  });
});

describe("runStage", () => {
  it("puts every metric into the journal before it shows it, and leaves the last weights as the only checkpoint", async () => {
    const shown: number[] = [];
    const journal = () => readJournal(`${only(at("runs"))}/journal.jsonl`);
    const { records } = await live("runs", tinyStage(), (step) => shown.push(step));
    expect(shown).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const metrics = metricsOf(await journal());
    expect(metrics.map(({ stage, step }) => [stage, step])).toEqual(shown.map((step) => ["tiny", step]));
    for (const { values } of metrics) expect(Object.keys(values).sort()).toEqual(["gradientNorm", "loss", "ntp"]);
    expect(records).toHaveLength(9);
    expect(saved("runs")).toEqual(["step-000000010"]);
  });

  it("ends with the weights and metrics of an undisturbed run, bit for bit, wherever it was interrupted", async () => {
    const whole = await live("whole");
    await interrupted("parts", 1); // before the first checkpoint
    await interrupted("parts", 5);
    await interrupted("parts", 8); // right after a checkpoint
    const { weights, records } = await live("parts");
    expect(weights).toEqual(whole.weights);
    expect(metricsOf(records)).toEqual(metricsOf(whole.records));
    const resumes = records.filter((record) => (record as { kind: string }).kind === "resume");
    expect(resumes).toEqual([0, 4, 8].map((step) => ({ kind: "resume", stage: "tiny", step })));
  });

  it("restores a finished stage without running it, and frees what it loaded", async () => {
    const { weights } = await live("runs");
    const stage = tinyStage();
    const never = { ...stage, run: () => expect.unreachable("it is finished") };
    const before = tf.memory().numTensors;
    expect((await live("runs", { ...never, dispose() {} })).weights).toEqual(weights);
    expect(tf.memory().numTensors).toBe(before);
    stage.dispose();
  });

  it("ends a stage whose last checkpoint was of its last step, though there is nothing left to do", async () => {
    const w = tf.variable(tf.scalar(0));
    const stage = (events: number): Stage & { dispose(): void } => ({
      name: "tiny",
      variables: new Map([["w", w]]),
      async *run(resume) {
        for (let step = (resume?.step ?? 0) + 1; step <= 2; step++) {
          if (step > events) throw new AbortedError("killed");
          const checkpoint: CheckpointState = { step, state: {}, tensors: new Map([["w", w]]) };
          yield { type: "checkpoint", step, checkpoint };
        }
        if (events === 2) throw new AbortedError("killed");
      },
      dispose() {},
    });
    await expect(live("runs", stage(2))).rejects.toThrow(AbortedError);
    await live("runs", stage(3));
    expect(saved("runs")).toEqual(["step-000000003"]);
    w.dispose();
  });

  it("throws StorageError on a full disk; the checkpoint before still loads and the run goes on when there is space", async () => {
    const whole = await live("whole");
    fullDisk.at((path) => path.includes("step-000000004"));
    await expect(live("runs")).rejects.toThrow(StorageError);
    expect(saved("runs")).toEqual(["step-000000002"]);
    const left = await loadCheckpoint(`${only(at("runs"))}/checkpoints/tiny`);
    expect(left?.step).toBe(2);
    tf.dispose([...left!.tensors.values()]);

    fullDisk.emptied();
    const { weights, records } = await live("runs");
    expect(weights).toEqual(whole.weights);
    expect(metricsOf(records)).toEqual(metricsOf(whole.records));
  });

  it("throws StorageError when the journal cannot grow, and shows no number that is not in it", async () => {
    const shown: number[] = [];
    const life = live("runs", tinyStage(), (step) => {
      shown.push(step);
      if (step === 3) fullDisk.at((path) => path.endsWith("journal.jsonl"));
    });
    await expect(life).rejects.toThrow(StorageError);
    expect(shown).toEqual([1, 2, 3]);
    fullDisk.emptied();
    expect(metricsOf(await readJournal(`${only(at("runs"))}/journal.jsonl`)).map(({ step }) => step)).toEqual(shown);
  });
});

describe("metricsOf", () => {
  it("hides what a resume took back, of that stage alone", () => {
    const metric = (stage: string, step: number, loss: number) => ({ kind: "metric", stage, step, values: { loss } });
    const records = [
      null,
      metric("a", 1, 0.1),
      metric("a", 2, 0.2),
      metric("b", 1, 0.3),
      metric("b", 2, 0.4),
      metric("b", 3, 0.5),
      { kind: "resume", stage: "b", step: 1 },
      metric("b", 2, 0.6),
      { kind: "finished" },
    ];
    expect(metricsOf(records).map(({ stage, step, values }) => [stage, step, values.loss])).toEqual([
      ["a", 1, 0.1],
      ["a", 2, 0.2],
      ["b", 1, 0.3],
      ["b", 2, 0.6],
    ]);
  });
});
