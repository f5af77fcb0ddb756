import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, FormatError } from "@x/core";
import { readSafetensors, writeSafetensors } from "@x/runtime";
import { configReader } from "./config-reader.js";
import { attachLora, type Lora, type LoraTarget, loraTargets } from "./lora.js";
import type { LanguageModel } from "./model.js";
import { writeFiles, writeJson } from "./save.js";
import { bareName, weightPlaces } from "./weights.js";

/** A variable of an adapter and its transposed tensor in the file. */
interface AdapterPlace {
  readonly file: string;
  readonly variable: string;
  readonly target: LoraTarget;
  /** The matrix that is changed, such as `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
}

/**
 * Writes an adapter in the format of PEFT: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @throws StorageError when the system refuses to write.
 */
export async function saveLora(lora: Lora, directory: string): Promise<void> {
  const places = adapterPlaces(lora.model, lora.targets);
  const config = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: null,
    inference_mode: true,
    r: lora.rank,
    lora_alpha: lora.alpha,
    lora_dropout: 0,
    target_modules: targetModules(lora.model, lora.targets),
    fan_in_fan_out: lora.model.config.family === "gpt2",
    bias: "none",
    use_rslora: false,
    use_dora: false,
  };
  const tensors = places.map(({ file, variable }) => {
    const stored = tf.tidy(() => tf.transpose(lora.variables.get(variable)!));
    const tensor = { name: file, shape: [...stored.shape], data: stored.dataSync<"float32">() };
    stored.dispose();
    return tensor;
  });
  await writeFiles(directory, {
    "adapter_model.safetensors": (path) => writeSafetensors(path, tensors, { metadata: { format: "pt" } }),
    "adapter_config.json": (path) => writeJson(path, config),
  });
}

/**
 * Attaches an adapter that PEFT or `saveLora` wrote and makes it the active one.
 *
 * @param options - `name`: its name in the model, default `"default"`.
 * @throws ConfigError for a key or value of the config that is not implemented, or a name that is taken.
 * @throws FormatError for malformed files and for missing, extra and mis-shaped tensors, all at once.
 * @throws StorageError when the system refuses to read.
 */
export async function loadLora(
  model: LanguageModel,
  directory: string,
  { name = "default" }: { readonly name?: string } = {},
): Promise<Lora> {
  const { rank, alpha } = await readAdapterConfig(join(directory, "adapter_config.json"));
  const path = join(directory, "adapter_model.safetensors");
  const places = new Map(adapterPlaces(model, loraTargets(model)).map((place) => [bareAdapterName(place.file), place]));
  const found = new Map<AdapterPlace, { shape: number[]; data: Float32Array }>();
  const problems: string[] = [];
  for await (const { name: file, shape, data } of readSafetensors(path)) {
    const place = places.get(bareAdapterName(file));
    if (place === undefined || !(data instanceof Float32Array)) problems.push(`${file} is extra`);
    else found.set(place, { shape, data });
  }
  const targets = loraTargets(model).filter((target) => [...found.keys()].some((place) => place.target === target));
  if (targets.length === 0) problems.push("there is no matrix of the model");
  if (problems.length > 0) throw new FormatError(`loadLora: ${path} must fit the model: ${problems.join("; ")}`);

  const lora = attachLora(model, { seed: 0, name, rank, alpha, targets });
  for (const place of places.values()) {
    if (!targets.includes(place.target)) continue;
    const variable = lora.variables.get(place.variable)!;
    const stored = found.get(place);
    const shape = [...variable.shape].reverse();
    if (stored === undefined) problems.push(`${place.file} is missing`);
    else if (!tf.util.arraysEqual(stored.shape, shape))
      problems.push(`${place.file} must be [${shape}], got [${stored.shape}]`);
    else tf.tidy(() => variable.assign(tf.transpose(tf.tensor(stored.data, stored.shape))));
  }
  if (problems.length === 0) return lora;
  lora.dispose();
  throw new FormatError(`loadLora: ${path} must fit the model: ${problems.join("; ")}`);
}

async function readAdapterConfig(path: string): Promise<{ rank: number; alpha: number }> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new FormatError(`loadLora: ${path} must be a JSON file, got ${error}`, { cause: error });
  }
  const read = configReader("loadLora", json);
  read.must("peft_type", "LORA");
  read.must("bias", "none");
  read.must("rank_pattern", {});
  read.must("alpha_pattern", {});
  read.must("loftq_config", {});
  for (const key of ["use_rslora", "use_dora", "use_qalora", "lora_bias"]) read.must(key, false);
  // What is adapted is read from the names of the tensors; the rest is bookkeeping, the start, and training.
  read.ignore("task_type", "base_model_name_or_path", "revision", "inference_mode", "peft_version", "auto_mapping");
  read.ignore("target_modules", "exclude_modules", "layers_to_transform", "layers_pattern", "fan_in_fan_out");
  read.ignore("lora_dropout", "megatron_core", "qalora_group_size", "ensure_weight_tying");
  // Starts such as PiSSA's also change the matrices of the model.
  const start = read.any("init_lora_weights") ?? true;
  if (typeof start === "string" && start !== "gaussian" && start !== "orthogonal")
    throw new ConfigError(`loadLora: init_lora_weights must leave the model as it is, got ${start}`);
  const result = { rank: read.number("r"), alpha: read.number("lora_alpha") };
  read.finish();
  return result;
}

/** The places of all adapters that the model could have for these targets, layer by layer. */
function adapterPlaces(model: LanguageModel, targets: readonly LoraTarget[]): readonly AdapterPlace[] {
  return weightPlaces(model.config).flatMap(({ file, variable, columns }) => {
    const [, layer, matrix] = /^blocks\.(\d+)\.(\w+)\.w$/.exec(variable) ?? [];
    const part = columns === undefined ? matrix : /\.([qkv])_proj\./.exec(file)![1];
    const target = targets.find((name) => name === part);
    if (layer === undefined || target === undefined) return [];
    const module = file.replace(/\.weight$/, "");
    return (["A", "B"] as const).map((side) => ({
      file: `base_model.model.${module}.lora_${side}.weight`,
      variable: `blocks.${layer}.${target}.${side.toLowerCase()}`,
      target,
      module,
    }));
  });
}

/** The last names of the modules, with one more where another matrix has the same. */
function targetModules(model: LanguageModel, targets: readonly LoraTarget[]): readonly string[] {
  const ends = (names: readonly LoraTarget[], count: number) =>
    new Set(adapterPlaces(model, names).map(({ module }) => module.split(".").slice(-count).join(".")));
  return targets.flatMap((target) => {
    const short = ends([target], 1);
    const others = ends(
      loraTargets(model).filter((other) => other !== target),
      1,
    );
    return [...([...short].some((name) => others.has(name)) ? ends([target], 2) : short)];
  });
}

const bareAdapterName = (file: string): string => bareName(file.replace(/^base_model\.model\./, ""));
