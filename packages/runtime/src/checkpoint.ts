import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { type Json, parseState, StateError, ValueError } from "@x/core";
import { commitDirectory, verifyDirectory } from "@x/core/journal";
import { readSafetensors } from "./read-safetensors.js";
import { absent, storing } from "./storing.js";
import type { NamedTensors } from "./variables.js";
import { writeSafetensors } from "./write-safetensors.js";

/** Where long work stands: enough to go on from there as if it had never stopped. */
export type CheckpointState = {
  /** Steps done, at least 0. */
  readonly step: number;
  /** Everything that is no tensor: random numbers, cursors into data, counts. */
  readonly state: Json;
  /** float32, int32 and bool tensors, weights and the state of optimisers among them. */
  readonly tensors: NamedTensors;
};

/** The name of a checkpoint, also where a killed `commitDirectory` had moved it aside; `verifyDirectory` puts it back. */
const directoryName = /^(?:\.old-.*-)?(step-\d{9})$/;

/**
 * Saves a checkpoint as the directory `step-000000042` (`state.json`, `tensors.safetensors`, `manifest.json`), whole or
 * not at all: a kill or a full disk leaves the earlier ones as they were.
 *
 * @param directory - where all checkpoints of one run lie; made when absent.
 * @param options.keep - how many of the highest steps to leave there, this one included in any case. Default: all.
 * @returns the path of the new directory. A checkpoint of the same step is replaced.
 * @throws ValueError when the step is no integer in 0 … 10⁹−1, the state holds what JSON cannot (NaN, undefined), a
 *   tensor has another dtype, or `keep` is below 1.
 * @throws StorageError when the system refuses.
 */
export async function saveCheckpoint(
  directory: string,
  checkpoint: CheckpointState,
  options: { readonly keep?: number } = {},
): Promise<string> {
  const { step, state, tensors } = checkpoint;
  const { keep = Number.POSITIVE_INFINITY } = options;
  if (!Number.isInteger(step) || step < 0 || step >= 1e9)
    throw new ValueError(`saveCheckpoint: step must be an integer in 0 … 999999999, got ${step}`, {
      argument: "step",
      value: step,
    });
  if (!(keep >= 1))
    throw new ValueError(`saveCheckpoint: keep must be at least 1, got ${keep}`, { argument: "keep", value: keep });
  const json = `${JSON.stringify({ version: 1, step, state }, plainJson, 2)}\n`;
  const values = await Promise.all(Array.from(tensors, ([name, tensor]) => fetchValues(name, tensor)));

  const name = `step-${String(step).padStart(9, "0")}`;
  const path = await commitDirectory(directory, name, async (fresh) => {
    await writeFile(join(fresh, "state.json"), json);
    await writeSafetensors(join(fresh, "tensors.safetensors"), values);
  });
  const older = (await list(directory)).filter((other) => other !== name).slice(Math.max(0, keep - 1));
  await storing("saveCheckpoint", directory, async () => {
    for (const other of older) await rm(join(directory, other), { recursive: true, force: true });
  });
  return path;
}

/**
 * Loads the checkpoint of the highest step whose files are all as they were written.
 *
 * @returns undefined when there is none. The caller disposes the tensors.
 * @throws StateError when there are some and none is whole, or the version of one is unknown.
 * @throws StorageError when the system refuses.
 */
export async function loadCheckpoint(directory: string): Promise<CheckpointState | undefined> {
  const names = await list(directory);
  for (const name of names) {
    const path = join(directory, name);
    if (await verifyDirectory(path)) return read(path);
  }
  if (names.length === 0) return undefined;
  throw new StateError(
    `loadCheckpoint: ${directory} must hold a checkpoint that matches its manifest, none of ${names.join(", ")} does`,
  );
}

async function read(path: string): Promise<CheckpointState> {
  const text = await storing("loadCheckpoint", path, () => readFile(join(path, "state.json"), "utf8"));
  const { step, state } = parseState<{ version: 1; step: number; state: Json }>(JSON.parse(text), 1);
  const tensors = new Map<string, tf.Tensor>();
  try {
    for await (const { name, shape, data } of readSafetensors(join(path, "tensors.safetensors"))) {
      const dtype = data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool";
      tensors.set(name, tf.tensor(data, shape, dtype));
    }
  } catch (error) {
    tf.dispose([...tensors.values()]);
    throw error;
  }
  return { step, state, tensors };
}

/** The names of all checkpoints, whole or not, the highest step first. */
async function list(directory: string): Promise<string[]> {
  const names = await storing("loadCheckpoint", directory, () => readdir(directory).catch(absent));
  const found = new Set((names ?? []).flatMap((name) => directoryName.exec(name)?.slice(1) ?? []));
  return [...found].sort((a, b) => (a < b ? 1 : -1));
}

async function fetchValues(name: string, tensor: tf.Tensor) {
  if (tensor.dtype !== "float32" && tensor.dtype !== "int32" && tensor.dtype !== "bool")
    throw new ValueError(`saveCheckpoint: tensors must be float32, int32 or bool, got ${tensor.dtype} in ${name}`, {
      argument: "tensors",
      value: name,
    });
  return { name, shape: tensor.shape, data: await tensor.data() };
}

/** For `JSON.stringify`, which silently drops what it cannot write. */
function plainJson(key: string, value: unknown): unknown {
  if (value === undefined || typeof value === "function" || (typeof value === "number" && !Number.isFinite(value)))
    throw new ValueError(`saveCheckpoint: state must be JSON, got ${String(value)} at ${JSON.stringify(key)}`, {
      argument: "state",
      value,
    });
  return value;
}
