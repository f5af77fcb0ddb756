import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { FormatError, throwIfAborted } from "@x/core";
import { StorageError } from "@x/core/journal";
import { type NamedVariables, readShardedSafetensors, type SafetensorsTensor } from "@x/runtime";
import type { LmConfig } from "./config.js";
import { fromHfConfig } from "./hf-config.js";
import { bareName, fromFile, isSurplus, type WeightPlace, weightPlaces } from "./weights.js";

/** How a model is loaded. */
export interface LoadOptions {
  /** Checked between two tensors. */
  readonly signal?: AbortSignal;
}

/** The tensors by the `file` name of their place. */
type Pieces = ReadonlyMap<string, Float32Array>;

/** Reads `config.json` and `model.safetensors` or its shards; see `LanguageModel.load`. */
export async function readModel(
  directory: string,
  options: LoadOptions,
): Promise<{ config: LmConfig; variables: NamedVariables }> {
  const config = fromHfConfig(await readJson(join(directory, "config.json")));
  return { config, variables: variablesOf(config, await readPieces(directory, config, options)) };
}

async function readPieces(directory: string, config: LmConfig, { signal }: LoadOptions): Promise<Pieces> {
  const places = new Map(weightPlaces(config).map((place) => [bareName(place.file), place]));
  const pieces = new Map<string, Float32Array>();
  const problems: string[] = [];
  const seen = new Set<string>();
  const names = (name: string): boolean => {
    if (isSurplus(name, config)) return false;
    const bare = bareName(name);
    const wanted = places.has(bare) && !seen.has(bare);
    if (wanted) seen.add(bare);
    else problems.push(`${name} is extra`);
    return wanted;
  };
  try {
    for await (const tensor of readShardedSafetensors(directory, { names })) {
      throwIfAborted(signal);
      const place = places.get(bareName(tensor.name))!;
      if (tensor.data instanceof Float32Array && fits(tensor, place)) pieces.set(place.file, tensor.data);
      else problems.push(`${tensor.name} must be floats [${place.shape}], got ${tensor.dtype} [${tensor.shape}]`);
    }
  } catch (error) {
    throw StorageError.isInstance(error) && isAbsent(error.cause) ? absence(directory, error) : error;
  }
  for (const [name, { file }] of places) if (!seen.has(name)) problems.push(`${file} is missing`);
  if (problems.length > 0)
    throw new FormatError(`load: the weights in ${directory} must be those of its config: ${problems.join("; ")}`);
  return pieces;
}

/** Puts each variable together, in the order of its parts. */
function variablesOf(config: LmConfig, pieces: Pieces): NamedVariables {
  const parts = new Map<string, { place: WeightPlace; data: Float32Array }[]>();
  for (const place of weightPlaces(config)) {
    const part = { place, data: pieces.get(place.file)! };
    parts.set(place.variable, [...(parts.get(place.variable) ?? []), part]);
  }
  return new Map(Array.from(parts, ([name, list]) => [name, tf.tidy(() => tf.variable(fromFile(list)))]));
}

const fits = ({ shape }: SafetensorsTensor, place: WeightPlace): boolean =>
  tf.util.arraysEqual(shape, [...place.shape]);

const isAbsent = (cause: unknown): boolean => cause instanceof Error && "code" in cause && cause.code === "ENOENT";

function absence(directory: string, error: StorageError): FormatError {
  const pickled =
    existsSync(join(directory, "pytorch_model.bin")) || existsSync(join(directory, "pytorch_model.bin.index.json"));
  const fix = pickled
    ? '; the PyTorch .bin beside it is converted by: python -c "from transformers import AutoModelForCausalLM as M; ' +
      `M.from_pretrained('${directory}').save_pretrained('${directory}')"`
    : "";
  return new FormatError(`load: the weights must be in a safetensors file, got none at ${error.path}${fix}`, {
    cause: error,
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new FormatError(`load: ${path} must be a JSON file, got ${error}`, { cause: error });
  }
}
