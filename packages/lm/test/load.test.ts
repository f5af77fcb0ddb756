import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { AbortedError, FormatError } from "@x/core";
import { readSafetensors, writeSafetensors } from "@x/runtime";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { LanguageModel } from "../src/index.js";
import { expectedOf, fixtureFolder } from "./fixture.js";
import { distance } from "./models.js";

const base = mkdtempSync(join(tmpdir(), "x-load-"));
let folder = "";
let count = 0;
beforeEach(() => {
  folder = join(base, String(count++));
});
afterAll(() => rmSync(base, { recursive: true }));

type Entry = { name: string; shape: number[]; data: Float32Array };

/** A copy of a fixture in `folder` whose weights went through `change`. */
async function changed(name: string, change: (entries: Entry[]) => Entry[]): Promise<string> {
  cpSync(fixtureFolder(name), folder, { recursive: true });
  await writeSafetensors(join(folder, "model.safetensors"), change(await entriesOf(name)));
  return folder;
}

async function entriesOf(name: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const { name: key, shape, data } of readSafetensors(join(fixtureFolder(name), "model.safetensors")))
    entries.push({ name: key, shape, data: data as Float32Array });
  return entries;
}

async function expectSameLogits(directory: string, name: string): Promise<void> {
  const expected = await expectedOf(name);
  const model = await LanguageModel.load(directory);
  expect(distance(model.logits(expected.get("tokens") as tf.Tensor2D), expected.get("logits")!)).toBeLessThan(2e-4);
  model.dispose();
}

describe("LanguageModel.load", () => {
  it("reads the names of base models, computed buffers and a tied head that is written out", async () => {
    const bare = await changed("gpt2", (entries) => [
      ...entries.map((entry) => ({ ...entry, name: entry.name.replace("transformer.", "") })),
      { name: "h.0.attn.bias", shape: [2], data: new Float32Array(2) },
      { name: "lm_head.weight", shape: [1], data: new Float32Array(1) },
    ]);
    await expectSameLogits(bare, "gpt2");
  });

  it("reads shards", async () => {
    mkdirSync(folder);
    const entries = await entriesOf("qwen3");
    const shards = [entries.slice(0, 5), entries.slice(5)];
    const map: Record<string, string> = {};
    for (const [i, shard] of shards.entries()) {
      const file = `model-0000${i + 1}-of-00002.safetensors`;
      await writeSafetensors(join(folder, file), shard);
      for (const { name } of shard) map[name] = file;
    }
    writeFileSync(join(folder, "model.safetensors.index.json"), JSON.stringify({ weight_map: map }));
    cpSync(join(fixtureFolder("qwen3"), "config.json"), join(folder, "config.json"));
    await expectSameLogits(folder, "qwen3");

    rmSync(join(folder, "model-00002-of-00002.safetensors"));
    await expect(LanguageModel.load(folder)).rejects.toThrow(/got none at .*model-00002-of-00002/);
  });

  it("lists everything that is missing, extra or of another shape at once", async () => {
    const broken = await changed("llama", (entries) => [
      ...entries
        .filter(({ name }) => !name.endsWith("layers.1.mlp.up_proj.weight") && name !== "model.norm.weight")
        .map((entry) => (entry.name === "lm_head.weight" ? { ...entry, shape: [...entry.shape].reverse() } : entry)),
      { name: "model.layers.2.mlp.up_proj.weight", shape: [1], data: new Float32Array(1) },
      { name: "norm.bias", shape: [1], data: new Float32Array(1) },
    ]);
    const error = await LanguageModel.load(broken).catch((error: unknown) => error as Error);
    expect(error).toBeInstanceOf(FormatError);
    for (const problem of [
      "model.layers.1.mlp.up_proj.weight is missing",
      "model.norm.weight is missing",
      "lm_head.weight must be floats [40,16], got F32 [16,40]",
      "model.layers.2.mlp.up_proj.weight is extra",
      "norm.bias is extra",
    ])
      expect((error as Error).message).toContain(problem);
  });

  it("refuses a weight that is there under two names", async () => {
    const doubled = await changed("llama", (entries) => [
      ...entries,
      { ...entries.find(({ name }) => name === "model.norm.weight")!, name: "norm.weight" },
    ]);
    await expect(LanguageModel.load(doubled)).rejects.toThrow("is extra");
  });

  it("refuses truncated weights, PyTorch pickles and absent files with one FormatError", async () => {
    const path = await changed("llama", (entries) => entries);
    truncateSync(join(path, "model.safetensors"), readFileSync(join(path, "model.safetensors")).length - 7);
    await expect(LanguageModel.load(path)).rejects.toThrow(FormatError);
    rmSync(join(path, "model.safetensors"));
    await expect(LanguageModel.load(path)).rejects.toThrow(
      /^load: the weights must be in a safetensors file, got none at/,
    );
    writeFileSync(join(path, "pytorch_model.bin"), "");
    await expect(LanguageModel.load(path)).rejects.toThrow("from_pretrained");
    writeFileSync(join(path, "config.json"), "{");
    await expect(LanguageModel.load(path)).rejects.toThrow("config.json must be a JSON file");
    await expect(LanguageModel.load(join(path, "nowhere"))).rejects.toThrow(FormatError);
  });

  it("stops when aborted and leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(LanguageModel.load(fixtureFolder("llama"), { signal })).rejects.toThrow(AbortedError);
    expect(tf.memory().numTensors).toBe(before);
  });
});
