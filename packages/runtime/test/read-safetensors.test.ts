import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@x/core";
import { StorageError } from "@x/core/journal";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ReadSafetensorsOptions,
  readSafetensors,
  readShardedSafetensors,
  type SafetensorsTensor,
  writeSafetensors,
} from "../src/index.js";

const fixture = (name: string) => join(import.meta.dirname, "fixtures", name);

async function collect(tensors: AsyncIterable<SafetensorsTensor>) {
  const found: Record<string, SafetensorsTensor> = {};
  for await (const tensor of tensors) found[tensor.name] = tensor;
  return found;
}

/** A file with one U8 tensor of the given values, or of raw bytes, in another dtype. */
function file(dtype: string, count: number, bytes: ArrayBufferView): Buffer {
  const data = Buffer.from(bytes.buffer);
  const header = Buffer.from(JSON.stringify({ x: { dtype, shape: [count], data_offsets: [0, data.length] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, data]);
}

describe("readSafetensors", () => {
  it("reads every dtype of the reference library", async () => {
    const found = await collect(readSafetensors(fixture("every-dtype.safetensors")));
    const values = Object.fromEntries(Object.entries(found).map(([name, { data }]) => [name, [...data]]));
    expect(values).toMatchObject({
      F64: [Math.fround(Math.PI), Math.fround(-1e-30)],
      F16: [1638 * 2 ** -14, -65504, Number.POSITIVE_INFINITY],
      BF16: [0.10009765625, -226 * 2 ** 120],
      I64: [2 ** 31 - 1, -(2 ** 31)],
      I32: [7, -7],
      I16: [32767, -32768],
      I8: [127, -128],
      U8: [0, 255],
      U16: [65535],
      U32: [2 ** 31 - 1],
      U64: [5],
      BOOL: [1, 0],
    });
    expect(found.F32!.shape).toEqual([2, 3]);
    expect(Object.entries(found).every(([name, { dtype }]) => dtype === name)).toBe(true);
    const type = (dtype: string) => found[dtype]!.data.constructor;
    for (const dtype of ["F64", "F32", "F16", "BF16"]) expect(type(dtype)).toBe(Float32Array);
    for (const dtype of ["I64", "U64", "I32", "U32", "I16", "U16", "I8"]) expect(type(dtype)).toBe(Int32Array);
    for (const dtype of ["U8", "BOOL"]) expect(type(dtype)).toBe(Uint8Array);
  });

  it("reads bytes in memory as it reads a file, wherever they begin", async () => {
    const bytes = readFileSync(fixture("written-f32.safetensors"));
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const fromFile = await collect(readSafetensors(fixture("written-f32.safetensors")));
    expect(await collect(readSafetensors(shifted.subarray(1)))).toEqual(fromFile);
    expect(fromFile['a/ü "quoted"']!.data).toEqual(Float32Array.of(1.5));
    expect(fromFile.empty!.shape).toEqual([0, 4]);
  });

  it("reads only the names that are asked for", async () => {
    const options: ReadSafetensorsOptions = { names: (name) => name.startsWith("I") };
    expect(Object.keys(await collect(readSafetensors(fixture("every-dtype.safetensors"), options))).sort()).toEqual([
      "I16",
      "I32",
      "I64",
      "I8",
    ]);
  });

  it("refuses a value that int32 or float32 cannot hold, naming it", async () => {
    const cases = [
      file("I64", 2, BigInt64Array.of(1n, 2n ** 31n)),
      file("U64", 2, BigUint64Array.of(1n, 2n ** 63n)),
      file("U32", 2, Uint32Array.of(1, 2 ** 31)),
      file("F64", 2, Float64Array.of(1, 1e39)),
    ];
    for (const bytes of cases) {
      await expect(collect(readSafetensors(bytes))).rejects.toThrow(FormatError);
      await expect(collect(readSafetensors(bytes))).rejects.toThrow(/\(bytes\) at byte \d+: x\[1\] \(.64|x\[1\] \(U32/);
    }
    const infinite = await collect(readSafetensors(file("F64", 1, Float64Array.of(-Infinity))));
    expect(infinite.x!.data).toEqual(Float32Array.of(-Infinity));
  });

  it("throws StorageError for a file that is not there", async () => {
    await expect(collect(readSafetensors("/absent/model.safetensors"))).rejects.toThrow(StorageError);
    await expect(collect(readSafetensors(tmpdir()))).rejects.toThrow(StorageError);
  });
});

describe("readShardedSafetensors", () => {
  let folder: string;
  const index = (content: unknown) =>
    writeFileSync(
      join(folder, "model.safetensors.index.json"),
      typeof content === "string" ? content : JSON.stringify(content),
    );
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "shards-"));
    const one = (name: string) => ({ name, shape: [1], data: Float32Array.of(name.length) });
    await writeSafetensors(join(folder, "model-1.safetensors"), [one("a"), one("bb"), one("unlisted")]);
    await writeSafetensors(join(folder, "model-2.safetensors"), [one("ccc")]);
    await writeSafetensors(join(folder, "model.safetensors"), [one("whole")]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("reads the tensors that the index lists, from their files", async () => {
    index({
      metadata: {},
      weight_map: { a: "model-1.safetensors", ccc: "model-2.safetensors", bb: "model-1.safetensors" },
    });
    const found = await collect(readShardedSafetensors(folder));
    expect(Object.fromEntries(Object.values(found).map(({ name, data }) => [name, data[0]]))).toEqual({
      a: 1,
      bb: 2,
      ccc: 3,
    });
    expect(Object.keys(await collect(readShardedSafetensors(folder, { names: (name) => name !== "a" })))).toHaveLength(
      2,
    );
  });

  it("reads model.safetensors where there is no index", async () => {
    expect(Object.keys(await collect(readShardedSafetensors(folder)))).toEqual(["whole"]);
  });

  it("throws FormatError for an index that is malformed, leaves the directory or promises too much", async () => {
    const reading = () => collect(readShardedSafetensors(folder));
    for (const content of ["{", {}, { weight_map: {} }, { weight_map: { a: 1 } }, { weight_map: { a: "../secret" } }]) {
      index(content);
      await expect(reading()).rejects.toThrow(FormatError);
    }
    index({ weight_map: { a: "model-1.safetensors", lost: "model-2.safetensors" } });
    await expect(reading()).rejects.toThrow("model-2.safetensors must hold lost");
    index({ weight_map: { a: "model-3.safetensors" } });
    await expect(reading()).rejects.toThrow(StorageError);
  });
});
