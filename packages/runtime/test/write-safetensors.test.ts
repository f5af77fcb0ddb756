import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRng, ShapeError, ValueError } from "@x/core";
import { StorageError } from "@x/core/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readSafetensors, type SafetensorsData, writeSafetensors } from "../src/index.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "safetensors-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fixture = (name: string) => join(import.meta.dirname, "fixtures", name);

async function readAll(path: string) {
  const tensors = [];
  for await (const tensor of readSafetensors(path)) tensors.push(tensor);
  return tensors;
}

describe("writeSafetensors", () => {
  it("writes the very bytes that the reference library writes, in F32 and in BF16", async () => {
    const tensors = await readAll(fixture("written-f32.safetensors"));
    const path = join(folder, "model.safetensors");
    await writeSafetensors(path, tensors.reverse(), { metadata: { format: "pt" } });
    expect(readFileSync(path).equals(readFileSync(fixture("written-f32.safetensors")))).toBe(true);
    await writeSafetensors(path, tensors, { dtype: "BF16" });
    expect(readFileSync(path).equals(readFileSync(fixture("written-bf16.safetensors")))).toBe(true);
  });

  it("writes what readSafetensors reads back bit for bit, views of larger buffers too", async () => {
    const rng = createRng(1);
    const make: ((length: number) => SafetensorsData)[] = [
      (length) => Float32Array.from({ length }, () => rng.normal() * 10 ** rng.int(30)),
      (length) => Int32Array.from({ length }, () => rng.seed()),
      (length) => Uint8Array.from({ length }, () => rng.int(256)),
      (length) => new Float32Array(length + 3).fill(7).subarray(3),
    ];
    const tensors = Array.from({ length: 40 }, (_, i) => {
      const shape = Array.from({ length: rng.int(4) }, () => rng.int(5));
      return { name: `t${i}`, shape, data: make[i % 4]!(shape.reduce((a, b) => a * b, 1)) };
    });
    const path = join(folder, "many.safetensors");
    await writeSafetensors(path, tensors);
    const found = new Map((await readAll(path)).map((tensor) => [tensor.name, tensor]));
    expect(found.size).toBe(40);
    for (const { name, shape, data } of tensors) expect(found.get(name)).toMatchObject({ shape, data });
  });

  it("refuses names that are there twice or reserved, and data of another size, before it makes a file", async () => {
    const path = join(folder, "bad.safetensors");
    const one = { name: "a", shape: [1], data: Float32Array.of(1) };
    await expect(writeSafetensors(path, [one, one])).rejects.toThrow(ValueError);
    await expect(writeSafetensors(path, [{ ...one, name: "__metadata__" }])).rejects.toThrow(ValueError);
    await expect(writeSafetensors(path, [{ ...one, shape: [2] }])).rejects.toThrow(ShapeError);
    expect(existsSync(path)).toBe(false);
  });

  it("throws StorageError when the system refuses", async () => {
    const one = { name: "a", shape: [1], data: Float32Array.of(1) };
    const error = await writeSafetensors(join(folder, "absent", "x"), [one]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StorageError);
    if (process.platform === "linux") {
      await expect(writeSafetensors("/dev/full", [one])).rejects.toMatchObject({ cause: { code: "ENOSPC" } });
    }
  });
});
