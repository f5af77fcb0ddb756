import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StorageError } from "@x/core/journal";
import { type NamedVariables, writeSafetensors } from "@x/runtime";
import type { LmConfig } from "./config.js";
import { toHfConfig } from "./hf-config.js";
import { toFile } from "./weights.js";

/** How a model is saved. */
export interface SaveOptions {
  /** Numbers in the file; BF16 is half the size and keeps 8 bits of precision. Default F32. */
  readonly dtype?: "F32" | "BF16";
}

/** Writes `config.json` and `model.safetensors`; see `LanguageModel.save`. */
export async function writeModel(
  directory: string,
  config: LmConfig,
  variables: NamedVariables,
  { dtype = "F32" }: SaveOptions,
): Promise<void> {
  const json = { ...toHfConfig(config), dtype: dtype === "F32" ? "float32" : "bfloat16" };
  const files = {
    "model.safetensors": (path: string) =>
      writeSafetensors(path, toFile(config, variables), { dtype, metadata: { format: "pt" } }),
    "config.json": (path: string) => writeJson(path, json),
  };
  // Shards of an earlier model would be read instead, so their index goes.
  await writeFiles(directory, files, ["model.safetensors.index.json"]);
}

/** Writes a JSON file and waits until it is on the disk. */
export const writeJson = (path: string, value: unknown): Promise<void> =>
  writeFile(path, `${JSON.stringify(value, null, 2)}\n`, { flush: true });

/**
 * Writes files into a directory, each under another name first, so that it appears whole or not at all.
 *
 * @param outdated - files to remove once the new ones are there.
 * @throws StorageError when the system refuses.
 */
export async function writeFiles(
  directory: string,
  files: Readonly<Record<string, (path: string) => Promise<void>>>,
  outdated: readonly string[] = [],
): Promise<void> {
  const path = (name: string) => join(directory, name);
  const temporary = (name: string) => path(`${name}.${process.pid}.tmp`);
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, write] of Object.entries(files)) await write(temporary(name));
    for (const name of Object.keys(files)) await rename(temporary(name), path(name));
    for (const name of outdated) await rm(path(name), { force: true });
  } catch (error) {
    await Promise.all(Object.keys(files).map((name) => rm(temporary(name), { force: true }).catch(() => {})));
    if (!(error instanceof Error && "syscall" in error)) throw error;
    throw new StorageError(`save: the system must let us write in ${directory}, got ${error.message}`, {
      path: directory,
      cause: error,
    });
  }
}
