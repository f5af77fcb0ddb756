import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError, FormatError } from "@x/core";
import { readSafetensors, writeSafetensors } from "@x/runtime";
import { afterAll, describe, expect, it } from "vitest";
import { attachLora, LanguageModel, loadLora, saveLora } from "../src/index.js";
import { loraTargets } from "../src/lora.js";
import { expectedOf, fixtureFolder } from "./fixture.js";
import { distance, tinyModel, tokensOf, variants } from "./models.js";

const base = mkdtempSync(join(tmpdir(), "x-lora-"));
afterAll(() => rmSync(base, { recursive: true }));
const adapted = ["gpt2", "llama-wide"] as const;
const configOf = (folder: string) => JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"));

describe("loadLora", () => {
  it.each(adapted)("gives %s the logits of the reference", async (name) => {
    const model = await LanguageModel.load(fixtureFolder(name));
    const expected = await expectedOf(`${name}-adapter`);
    const lora = await loadLora(model, fixtureFolder(`${name}-adapter`));
    expect(distance(model.logits(expected.get("tokens") as tf.Tensor2D), expected.get("logits")!)).toBeLessThan(2e-4);
    lora.dispose();
    model.dispose();
  });

  it("lists missing, extra and mis-shaped tensors at once and leaves nothing behind", async () => {
    const folder = join(base, "broken");
    cpSync(fixtureFolder("llama-wide-adapter"), folder, { recursive: true });
    const path = join(folder, "adapter_model.safetensors");
    const entries: { name: string; shape: number[]; data: Float32Array }[] = [];
    for await (const { name, shape, data } of readSafetensors(path))
      entries.push({ name, shape, data: data as Float32Array });
    const at = "base_model.model.model.layers.1.self_attn";
    const missing = `${at}.q_proj.lora_B.weight`;
    const turned = `${at}.v_proj.lora_A.weight`;
    const changed = entries
      .filter(({ name }) => name !== missing)
      .map((entry) => (entry.name === turned ? { ...entry, shape: [...entry.shape].reverse() } : entry));
    const model = await LanguageModel.load(fixtureFolder("llama-wide"));
    const before = tf.memory().numTensors;

    await writeSafetensors(path, changed);
    const error = await loadLora(model, folder).catch((error: unknown) => error as Error);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(`${missing} is missing`);
    expect((error as Error).message).toContain(`${turned} must be [3,16], got [16,3]`);
    await writeSafetensors(path, [
      ...changed,
      { name: "base_model.model.lm_head.lora_A.weight", shape: [1], data: new Float32Array(1) },
    ]);
    await expect(loadLora(model, folder)).rejects.toThrow("lm_head.lora_A.weight is extra");
    await writeSafetensors(path, []);
    await expect(loadLora(model, folder)).rejects.toThrow("there is no matrix of the model");
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });

  it.each([
    ["use_rslora", true],
    ["use_dora", true],
    ["bias", "all"],
    ["rank_pattern", { q_proj: 4 }],
    ["modules_to_save", ["lm_head"]],
    ["init_lora_weights", "pissa"],
  ])("refuses %s, which is not implemented", async (key, value) => {
    const folder = join(base, key);
    cpSync(fixtureFolder("llama-wide-adapter"), folder, { recursive: true });
    writeFileSync(join(folder, "adapter_config.json"), JSON.stringify({ ...configOf(folder), [key]: value }));
    const model = await LanguageModel.load(fixtureFolder("llama-wide"));
    const error = await loadLora(model, folder).catch((error: unknown) => error as Error);
    expect(ConfigError.isInstance(error)).toBe(true);
    expect((error as Error).message).toContain(key);
    writeFileSync(join(folder, "adapter_config.json"), "");
    await expect(loadLora(model, folder)).rejects.toThrow(FormatError);
    model.dispose();
  });
});

describe("saveLora", () => {
  it.each(Object.entries(variants))("is undone by loadLora for %s", async (name, variant) => {
    const model = tinyModel(variant);
    const tokens = tokensOf([[1, 5, 3, 9, 2, 7]]);
    const lora = attachLora(model, { seed: 1, rank: 2, alpha: 5, targets: loraTargets(model).slice(0, 3) });
    for (const variable of lora.variables.values())
      variable.assign(tf.randomNormal(variable.shape, 0, 0.3, "float32", variable.size));
    const logits = model.logits(tokens);
    const before = tf.memory().numTensors;
    await saveLora(lora, join(base, name));
    expect(tf.memory().numTensors).toBe(before);
    const back = await loadLora(model, join(base, name), { name: "again" });
    expect([back.rank, back.alpha, back.targets]).toEqual([2, 5, lora.targets]);
    expect(distance(model.logits(tokens), logits)).toBe(0);
    lora.dispose();
    back.dispose();
    model.dispose();
  });

  it.each(adapted)("writes the tensors and the targets of the reference for %s", async (name) => {
    const reference = fixtureFolder(`${name}-adapter`);
    const model = await LanguageModel.load(fixtureFolder(name));
    const lora = await loadLora(model, reference);
    const folder = join(base, `${name}-again`);
    await saveLora(lora, folder);
    const tensors = async (of: string) => {
      const all = new Map<string, unknown>();
      for await (const { name, shape, data } of readSafetensors(join(of, "adapter_model.safetensors")))
        all.set(name, { shape, data });
      return all;
    };
    expect(await tensors(folder)).toEqual(await tensors(reference));
    const [ours, theirs] = [configOf(folder), configOf(reference)];
    expect(ours).toMatchObject({ r: theirs.r, lora_alpha: theirs.lora_alpha, fan_in_fan_out: theirs.fan_in_fan_out });
    expect(new Set(ours.target_modules)).toEqual(new Set(theirs.target_modules));
    lora.dispose();
    model.dispose();
  });

  it("tells matrices of one name apart in the targets", async () => {
    const model = tinyModel({ family: "gpt2" });
    const lora = attachLora(model, { seed: 1, rank: 1, targets: ["o", "up"] });
    await saveLora(lora, join(base, "apart"));
    expect(configOf(join(base, "apart")).target_modules).toEqual(["attn.c_proj", "c_fc"]);
    lora.dispose();
    model.dispose();
  });
});
