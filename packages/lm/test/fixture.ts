import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { readSafetensors } from "@x/runtime";

/** The models that `fixtures/make_models.py` wrote. */
export const fixtureModels = ["gpt2", "llama", "llama-wide", "olmo", "olmo2", "qwen2", "qwen3"] as const;

/** A folder of `fixtures/models`. */
export const fixtureFolder = (name: string): string => join(import.meta.dirname, "fixtures", "models", name);

/** The reference results of a fixture by name. */
export async function expectedOf(name: string): Promise<ReadonlyMap<string, tf.Tensor>> {
  const tensors = new Map<string, tf.Tensor>();
  for await (const { name: key, shape, data } of readSafetensors(join(fixtureFolder(name), "expected.safetensors")))
    tensors.set(key, tf.tensor(data, shape, data instanceof Int32Array ? "int32" : "float32"));
  return tensors;
}
