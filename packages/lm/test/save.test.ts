import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { ConfigError } from "@x/core";
import { StorageError } from "@x/core/journal";
import { afterAll, describe, expect, it, vi } from "vitest";
import { LanguageModel, lmConfig } from "../src/index.js";
import { writeFiles } from "../src/save.js";
import { failingDisk } from "./failing-disk.js";
import { distance, tinyModel, tokensOf, variants } from "./models.js";

vi.mock("node:fs/promises", async (original) => (await import("./failing-disk.js")).failingDisk.wrap(await original()));

const base = mkdtempSync(join(tmpdir(), "x-save-"));
afterAll(() => rmSync(base, { recursive: true }));
const logitsOf = (model: LanguageModel) => model.logits(tokensOf([[1, 5, 3, 9, 2, 7]]));

describe("LanguageModel.save", () => {
  it.each(Object.entries(variants))("is undone by load for %s", async (name, variant) => {
    const model = tinyModel(variant);
    const folder = join(base, name);
    const before = tf.memory().numTensors;
    await model.save(folder);
    expect(tf.memory().numTensors).toBe(before);
    expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
    const back = await LanguageModel.load(folder);
    expect(back.config).toEqual(model.config);
    expect(distance(logitsOf(back), logitsOf(model))).toBe(0);
    back.dispose();
    model.dispose();
  });

  it("halves the file in BF16 and loses what eight bits lose", async () => {
    const model = tinyModel({ family: "llama" });
    const [wide, half] = [join(base, "wide"), join(base, "half")];
    await model.save(wide);
    await model.save(half, { dtype: "BF16" });
    const size = (folder: string) => statSync(join(folder, "model.safetensors")).size;
    expect(size(half) / size(wide)).toBeLessThan(0.7);
    expect(JSON.parse(readFileSync(join(half, "config.json"), "utf8")).dtype).toBe("bfloat16");
    const back = await LanguageModel.load(half);
    for (const [name, variable] of model.variables) {
      const scale = variable.dataSync<"float32">().reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      expect(distance(back.variables.get(name)!, variable) / scale).toBeLessThan(2 ** -8);
    }
    back.dispose();
    model.dispose();
  });

  it("takes the place of an earlier model, shards included", async () => {
    const folder = join(base, "twice");
    const [first, second] = [tinyModel({ family: "qwen3" }, 1), tinyModel({ family: "qwen3" }, 2)];
    await first.save(folder);
    writeFileSync(join(folder, "model.safetensors.index.json"), '{"weight_map":{"a":"gone.safetensors"}}');
    await second.save(folder);
    const back = await LanguageModel.load(folder);
    expect(distance(logitsOf(back), logitsOf(second))).toBe(0);
    for (const model of [first, second, back]) model.dispose();
  });

  it("throws StorageError when the disk is full, and a whole model is still there, whichever operation fails", async () => {
    const folder = join(base, "full");
    const [first, second] = [tinyModel({ family: "llama" }, 1), tinyModel({ family: "llama" }, 2)];
    const [old, young] = [logitsOf(first), logitsOf(second)];
    let refused = 0;
    for (let operation = 1; ; operation++) {
      await first.save(folder);
      failingDisk.at(operation);
      const error = await second.save(folder).catch((thrown: unknown) => thrown);
      if (failingDisk.mended() < operation) break;
      refused++;
      expect(error).toBeInstanceOf(StorageError);
      expect(error).toMatchObject({ code: "E_STORAGE", cause: { code: "ENOSPC" } });
      expect(readdirSync(folder).sort()).toEqual(["config.json", "model.safetensors"]);
      const back = await LanguageModel.load(folder);
      const now = logitsOf(back);
      expect(Math.min(distance(now, old), distance(now, young))).toBe(0);
      back.dispose();
    }
    expect(refused).toBeGreaterThan(5);
    for (const model of [first, second]) model.dispose();
  });

  it("refuses a config that the format cannot say before anything is written", async () => {
    const model = LanguageModel.create(
      { ...lmConfig({ family: "gpt2", vocabSize: 5, hidden: 8, layers: 1, heads: 2 }), kvHeads: 1 },
      { seed: 1 },
    );
    await expect(model.save(join(base, "never"))).rejects.toThrow(ConfigError);
    expect(readdirSync(base)).not.toContain("never");
    model.dispose();
  });
});

describe("writeFiles", () => {
  it("leaves the old files when one of the new ones fails", async () => {
    const folder = join(base, "kept");
    const put = (text: string) => async (path: string) => writeFileSync(path, text);
    await writeFiles(folder, { a: put("old a"), b: put("old b") });
    const fail = () => Promise.reject(new Error("half way"));
    await expect(writeFiles(folder, { a: put("new a"), b: fail })).rejects.toThrow("half way");
    expect(readdirSync(folder).sort()).toEqual(["a", "b"]);
    expect(readFileSync(join(folder, "a"), "utf8")).toBe("old a");
  });

  it("names the directory that the system refuses", async () => {
    writeFileSync(join(base, "file"), "");
    const error = await writeFiles(join(base, "file", "below"), {}).catch((error: unknown) => error);
    expect(StorageError.isInstance(error)).toBe(true);
    expect((error as StorageError).path).toBe(join(base, "file", "below"));
  });
});
