import { open, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { FormatError } from "@x/core";
import { parseHeader, parseHeaderLength, type SafetensorsDtype } from "./safetensors-header.js";
import { decodeValues, type SafetensorsData } from "./safetensors-values.js";
import { absent, storing } from "./storing.js";

/** One tensor of a file. */
export interface SafetensorsTensor {
  readonly name: string;
  readonly shape: number[];
  /** As the file has it; `data` is widened or narrowed. */
  readonly dtype: SafetensorsDtype;
  readonly data: SafetensorsData;
}

/** Which tensors to read. */
export interface ReadSafetensorsOptions {
  /** True for the names to read. Default: all. */
  readonly names?: (name: string) => boolean;
}

/**
 * Reads the tensors of a safetensors file one after another; only the one at hand is in memory.
 *
 * | in the file | `data` |
 * |---|---|
 * | F32, F16, BF16, F64 | `Float32Array`, F64 rounded to nearest and refused beyond the range |
 * | I32, I16, I8, U16, I64, U32, U64 | `Int32Array`; a value outside int32 is an error |
 * | U8, BOOL | `Uint8Array` |
 *
 * @param source - a path, or the bytes of a file.
 * @throws FormatError naming file, offset and tensor, for a file that is truncated or malformed or has another dtype.
 * @throws StorageError when the system refuses to read.
 */
export async function* readSafetensors(
  source: string | Uint8Array,
  options: ReadSafetensorsOptions = {},
): AsyncGenerator<SafetensorsTensor, void, undefined> {
  const file = typeof source === "string" ? source : "(bytes)";
  const input = typeof source === "string" ? await openFile(source) : fromBytes(source);
  try {
    const headerLength = parseHeaderLength(await input.read(0, Math.min(8, input.size)), file, input.size);
    const start = 8 + headerLength;
    const entries = parseHeader(await input.read(8, headerLength), file, input.size - start);
    for (const entry of entries) {
      if (options.names?.(entry.name) === false) continue;
      const bytes = await input.read(start + entry.begin, entry.end - entry.begin);
      const data = decodeValues(entry, bytes, `${file} at byte ${start + entry.begin}`);
      yield { name: entry.name, shape: entry.shape, dtype: entry.dtype, data };
    }
  } finally {
    await input.close();
  }
}

/**
 * Reads the weights of a model directory: the shards that `model.safetensors.index.json` names, or else
 * `model.safetensors`.
 *
 * @throws FormatError as `readSafetensors`, and when the index is malformed or names a tensor that its file lacks.
 * @throws StorageError when the system refuses to read.
 */
export async function* readShardedSafetensors(
  directory: string,
  options: ReadSafetensorsOptions = {},
): AsyncGenerator<SafetensorsTensor, void, undefined> {
  const path = join(directory, "model.safetensors.index.json");
  const text = await storing("readShardedSafetensors", path, () => readFile(path, "utf8").catch(absent));
  if (text === undefined) {
    yield* readSafetensors(join(directory, "model.safetensors"), options);
    return;
  }
  const shards = parseIndex(path, text);
  for (const [shard, listed] of shards) {
    const missing = new Set(listed);
    const names = (name: string) => missing.delete(name) && options.names?.(name) !== false;
    yield* readSafetensors(join(directory, shard), { names });
    if (missing.size > 0)
      throw new FormatError(`readShardedSafetensors: ${path}: ${shard} must hold ${[...missing].join(", ")}`);
  }
}

/** The tensors of each shard. */
function parseIndex(path: string, text: string): Map<string, string[]> {
  let map: unknown;
  try {
    map = JSON.parse(text).weight_map;
  } catch (cause) {
    throw new FormatError(`readShardedSafetensors: ${path} must be JSON, got ${cause}`, { cause });
  }
  const shards = new Map<string, string[]>();
  for (const [name, shard] of Object.entries(typeof map === "object" && map !== null ? map : {})) {
    if (typeof shard !== "string" || shard !== basename(shard))
      throw new FormatError(
        `readShardedSafetensors: ${path}: ${name} must lie in a file beside the index, got ${shard}`,
      );
    shards.set(shard, [...(shards.get(shard) ?? []), name]);
  }
  if (shards.size === 0) throw new FormatError(`readShardedSafetensors: ${path} must have a weight_map with names`);
  return shards;
}

/** One system call moves at most 2 GiB. */
const chunk = 1 << 30;

/** Random access to a file or to bytes. */
interface Input {
  readonly size: number;
  /** A copy, aligned for every dtype. */
  read(position: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

function fromBytes(bytes: Uint8Array): Input {
  return {
    size: bytes.length,
    read: async (position, length) => Uint8Array.from(bytes.subarray(position, position + length)),
    close: async () => {},
  };
}

async function openFile(path: string): Promise<Input> {
  const handle = await storing("readSafetensors", path, () => open(path));
  const read = async (position: number, length: number) => {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(chunk, length - done), position + done);
      if (bytesRead === 0)
        throw new FormatError(`safetensors: ${path} at byte ${position + done}: the file became shorter while reading`);
      done += bytesRead;
    }
    return bytes;
  };
  return {
    size: (await handle.stat()).size,
    read: (position, length) => storing("readSafetensors", path, () => read(position, length)),
    close: () => handle.close(),
  };
}
