import { type FileHandle, open } from "node:fs/promises";
import { ShapeError, ValueError } from "@x/core";
import { toBfloat16 } from "./half-floats.js";
import { widths } from "./safetensors-header.js";
import type { SafetensorsData } from "./safetensors-values.js";
import { storing } from "./storing.js";

/** Options of `writeSafetensors`. */
export interface WriteSafetensorsOptions {
  /** How float32 values are stored; BF16 rounds to nearest, ties to even. Default F32. */
  readonly dtype?: "F32" | "BF16";
  /** Strings for the header, such as `{ format: "pt" }`, which transformers asks for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a safetensors file and waits until it is on the disk. Int32 values are stored as I32, bytes as U8.
 *
 * An interrupted write leaves a part of a file, which `readSafetensors` refuses; to replace one that matters, write
 * inside `commitDirectory` of `@x/core/journal`.
 *
 * @param tensors - the values are not copied before they are written.
 * @throws ValueError for a name that is there twice or is `__metadata__`.
 * @throws ShapeError when a shape has another number of elements than the data.
 * @throws StorageError when the system refuses to write.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<{ readonly name: string; readonly shape: readonly number[]; readonly data: SafetensorsData }>,
  options: WriteSafetensorsOptions = {},
): Promise<void> {
  const dtypeOf = (data: SafetensorsData): (typeof order)[number] =>
    data instanceof Float32Array ? (options.dtype ?? "F32") : data instanceof Int32Array ? "I32" : "U8";
  const list = Array.from(tensors, (tensor) => ({ ...tensor, dtype: dtypeOf(tensor.data) }));
  list.sort((a, b) => order.indexOf(a.dtype) - order.indexOf(b.dtype) || compareUtf8(a.name, b.name));

  const header = new Map<string, unknown>();
  if (options.metadata !== undefined) header.set("__metadata__", options.metadata);
  let offset = 0;
  for (const { name, shape, data, dtype } of list) {
    if (header.has(name) || name === "__metadata__")
      throw new ValueError(`writeSafetensors: names must be different and not __metadata__, got ${name}`, {
        argument: "tensors",
        value: name,
      });
    if (shape.reduce((product, length) => product * length, 1) !== data.length)
      throw new ShapeError(`writeSafetensors: ${name} [${shape}] must fit its data, got ${data.length} values`);
    const end = offset + data.length * widths[dtype];
    header.set(name, { dtype, shape, data_offsets: [offset, end] });
    offset = end;
  }

  await storing("writeSafetensors", path, async () => {
    const handle = await open(path, "w");
    try {
      await writeAll(handle, encodeHeader(header));
      for (const { data, dtype } of list) {
        const values = dtype === "BF16" ? toBfloat16(data as Float32Array) : data;
        await writeAll(handle, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

/** The order of the reference library: wide elements first, so that all are aligned, then by name. */
const order = ["F32", "I32", "BF16", "U8"] as const;

const compareUtf8 = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** Length and JSON, padded with spaces to a multiple of 8 bytes. */
function encodeHeader(header: ReadonlyMap<string, unknown>): Uint8Array {
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, " ");
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  json.copy(bytes, 8);
  return bytes;
}

/** One system call moves at most 2 GiB. */
const chunk = 1 << 30;

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, Math.min(chunk, bytes.length - done))).bytesWritten;
}
