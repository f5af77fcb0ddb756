import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { createRng, type Json, StateError, ValueError } from "@x/core";
import { StorageError } from "@x/core/journal";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { adamW, type CheckpointState, loadCheckpoint, nn, saveCheckpoint, trainStep } from "../src/index.js";
import { faults } from "./faults.js";

vi.mock("node:fs/promises", async (original) => (await import("./faults.js")).faults.wrap(await original()));

let root: string;
let runs: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "checkpoint-"));
  runs = join(root, "runs");
});
afterEach(() => {
  faults.stop();
  rmSync(root, { recursive: true });
});

/** A checkpoint whose content tells its step. */
const at = (step: number): CheckpointState => ({
  step,
  state: { cursor: [step] },
  tensors: new Map([["w", tf.tensor([step, 0.5])]]),
});

async function loadedStep(): Promise<number | undefined> {
  const loaded = await loadCheckpoint(runs);
  if (loaded === undefined) return undefined;
  const [value] = loaded.tensors.get("w")!.dataSync();
  expect([loaded.state, value]).toEqual([{ cursor: [loaded.step] }, loaded.step]);
  tf.dispose([...loaded.tensors.values()]);
  return loaded.step;
}

describe("saveCheckpoint and loadCheckpoint", () => {
  it("give back step, state and tensors with their shapes and dtypes, and leave nothing behind", async () => {
    const tensors = new Map<string, tf.Tensor>([
      ["layer/w.0", tf.tensor([[1.5, -0, Number.NaN]])],
      ["count", tf.scalar(2 ** 31 - 1, "int32")],
      ["mask", tf.tensor([true, false], [2], "bool")],
      ["empty", tf.zeros([0, 3])],
    ]);
    const state: Json = { words: [1, -2], nested: { text: "ü", none: null, yes: true } };
    const before = tf.memory().numTensors;
    const path = await saveCheckpoint(runs, { step: 42, state, tensors });
    expect(path).toBe(join(runs, "step-000000042"));
    expect(readdirSync(path).sort()).toEqual(["manifest.json", "state.json", "tensors.safetensors"]);
    expect(tf.memory().numTensors).toBe(before);

    const loaded = (await loadCheckpoint(runs))!;
    expect([loaded.step, loaded.state]).toEqual([42, state]);
    expect([...loaded.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, tensor] of tensors) {
      const found = loaded.tensors.get(name)!;
      expect([found.shape, found.dtype]).toEqual([tensor.shape, tensor.dtype]);
      expect([...found.dataSync()]).toEqual([...tensor.dataSync()]);
    }
    expect(tf.memory().numTensors).toBe(before + tensors.size);
  });

  it("load the highest step, and undefined where there is none", async () => {
    expect(await loadedStep()).toBeUndefined();
    for (const step of [9, 10, 3]) await saveCheckpoint(runs, at(step));
    expect(await loadedStep()).toBe(10);
  });

  it("keep the highest steps that are asked for, and always the one just saved", async () => {
    for (const step of [1, 2, 3]) await saveCheckpoint(runs, at(step), { keep: 2 });
    expect(readdirSync(runs).sort()).toEqual(["step-000000002", "step-000000003"]);
    await saveCheckpoint(runs, at(1), { keep: 1 });
    expect(readdirSync(runs)).toEqual(["step-000000001"]);
  });

  it("pass over a checkpoint that is damaged, and throw StateError when all are", async () => {
    for (const step of [1, 2]) await saveCheckpoint(runs, at(step));
    writeFileSync(join(runs, "step-000000002", "tensors.safetensors"), "x");
    expect(await loadedStep()).toBe(1);
    writeFileSync(join(runs, "step-000000001", "state.json"), "{}");
    await expect(loadCheckpoint(runs)).rejects.toThrow(StateError);
    await expect(loadCheckpoint(runs)).rejects.toThrow("none of step-000000002, step-000000001 does");
  });

  it("throw ValueError for a step, a state, a dtype or a keep that cannot be, and write nothing", async () => {
    for (const step of [-1, 0.5, 1e9]) await expect(saveCheckpoint(runs, at(step))).rejects.toThrow(ValueError);
    const bad = { a: [1, Number.NaN] };
    await expect(saveCheckpoint(runs, { ...at(1), state: bad })).rejects.toThrow("state must be JSON, got NaN");
    const missing = { a: undefined } as object as Json;
    await expect(saveCheckpoint(runs, { ...at(1), state: missing })).rejects.toThrow('got undefined at "a"');
    const tensors = new Map([["s", tf.tensor(["text"])]]);
    await expect(saveCheckpoint(runs, { ...at(1), tensors })).rejects.toThrow("got string in s");
    await expect(saveCheckpoint(runs, at(1), { keep: 0 })).rejects.toThrow("keep must be at least 1");
    expect(existsSync(runs)).toBe(false);
  });
});

describe("a checkpoint that is interrupted", () => {
  it("throws StorageError when the disk is full, and the previous one is still there, whichever operation fails", async () => {
    await saveCheckpoint(runs, at(1));
    let refused = 0;
    for (let n = 1; ; n++) {
      faults.start((operation) => operation === n, "ENOSPC");
      const error = await saveCheckpoint(runs, at(2)).catch((thrown: unknown) => thrown);
      if (faults.stop() < n) break;
      if (error instanceof Error) {
        refused++;
        expect(error).toBeInstanceOf(StorageError);
        expect(error).toMatchObject({ code: "E_STORAGE", cause: { code: "ENOSPC" } });
      }
      expect(await loadedStep()).toBe(existsSync(join(runs, "step-000000002")) ? 2 : 1);
      rmSync(join(runs, "step-000000002"), { recursive: true, force: true });
    }
    expect(refused).toBeGreaterThan(10);
  });

  it("is whole or not there after a kill at any operation, be it new or a replacement", async () => {
    for (const step of [1, 2]) {
      for (let n = 1, killed = true; killed; n++) {
        rmSync(runs, { recursive: true, force: true });
        await saveCheckpoint(runs, at(1));
        faults.start((operation) => operation >= n, "EIO");
        await saveCheckpoint(runs, at(step)).catch(() => {});
        killed = faults.stop() >= n;
        disown(runs);
        expect([1, step]).toContain(await loadedStep());
      }
      expect(await loadedStep()).toBe(step);
    }
  });

  it("is nothing when the first of all was killed", async () => {
    mkdirSync(join(runs, ".new-999999-1-step-000000001"), { recursive: true });
    expect(await loadedStep()).toBeUndefined();
  });
});

/** What a commit left behind looks as if left by a process that is gone. */
function disown(directory: string): void {
  for (const name of readdirSync(directory)) {
    const foreign = name.replace(/^\.(new|old)-\d+-\d+-/, ".$1-999999-1-");
    if (foreign !== name) renameSync(join(directory, name), join(directory, foreign));
  }
}

describe("a resumed run", () => {
  /** Everything a run owns, from nothing or from a checkpoint. */
  function start(resume?: CheckpointState) {
    const rng = createRng((resume?.state as { rng: never } | undefined)?.rng ?? 7);
    const init = createRng("init");
    const make = (...shape: number[]) =>
      tf.tidy(() =>
        tf.variable(
          tf.tensor(
            Array.from({ length: shape.reduce((a, b) => a * b) }, () => init.normal()),
            shape,
          ),
        ),
      );
    const variables = new Map([
      ["w1", make(3, 8)],
      ["w2", make(8, 2)],
    ]);
    const optimizer = adamW();
    const step = trainStep({
      groups: [{ variables, optimizer }],
      loss: ({ x, y }: { x: tf.Tensor; y: tf.Tensor }) => {
        const logits = nn.linear(nn.gelu(nn.linear(x, variables.get("w1")!), "tanh"), variables.get("w2")!);
        return tf.mean<tf.Scalar>(nn.sparseCrossEntropy(logits, y));
      },
      clipNorm: 1,
    });
    if (resume !== undefined) {
      const under = (prefix: string) =>
        Array.from(resume.tensors).flatMap(([name, tensor]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
        );
      for (const [name, tensor] of under("model/")) variables.get(name)!.assign(tensor);
      optimizer.load(new Map(under("optimizer/")));
    }
    const batch = () => ({
      x: tf.tensor2d(
        Array.from({ length: 12 }, () => rng.normal()),
        [4, 3],
      ),
      y: tf.tensor1d(
        Array.from({ length: 4 }, () => rng.int(2)),
        "int32",
      ),
    });
    const checkpoint = (at: number): CheckpointState => ({
      step: at,
      state: { rng: rng.state() },
      tensors: new Map([
        ...Array.from(variables, ([name, variable]) => [`model/${name}`, variable] as const),
        ...Array.from(optimizer.variables, ([name, variable]) => [`optimizer/${name}`, variable] as const),
      ]),
    });
    return { losses: (count: number) => Array.from({ length: count }, () => step(batch(), 0.01).loss), checkpoint };
  }

  it("has the losses of one that was never stopped, bit for bit", async () => {
    const whole = start().losses(40);
    const first = start();
    const losses = first.losses(20);
    await saveCheckpoint(runs, first.checkpoint(20));
    losses.push(...start(await loadCheckpoint(runs)).losses(20));
    expect(losses).toEqual(whole);
  });
});
