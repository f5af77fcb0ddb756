import { FormatError } from "@x/core";

/** Bytes of one element of each dtype of a safetensors file that can be read. */
export const widths = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/** The number formats of safetensors files that are read; `F32` and `BF16` are written. */
export type SafetensorsDtype = keyof typeof widths;

/** Where one tensor lies, in bytes from the end of the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: number[];
  readonly begin: number;
  readonly end: number;
}

/** The most that a header may take. */
const limit = 100_000_000;

/**
 * Reads the length of the header from the first eight bytes of a file.
 *
 * @param file - the name that errors give.
 * @param size - of the whole file in bytes.
 */
export function parseHeaderLength(bytes: Uint8Array, file: string, size: number): number {
  if (bytes.length < 8) fail(file, 0, `a file must have at least 8 bytes, got ${size}`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > limit) fail(file, 0, `a header must have at most ${limit} bytes, got ${length}`);
  if (8 + Number(length) > size) fail(file, 0, `a header of ${length} bytes must end inside the file of ${size} bytes`);
  return Number(length);
}

/**
 * Parses and checks the header of a safetensors file: known dtypes, sizes that fit the shapes, and data without gap or
 * overlap from the end of the header to the end of the file.
 *
 * @param file - the name that errors give.
 * @param dataSize - bytes in the file after the header.
 * @returns the tensors in the order of their bytes.
 * @throws FormatError naming the file, the offset of the byte that is wrong, and the tensor.
 */
export function parseHeader(bytes: Uint8Array, file: string, dataSize: number): SafetensorsEntry[] {
  if (bytes[0] !== 0x7b) fail(file, 8, `a header must begin with "{", got ${bytes.length === 0 ? "none" : bytes[0]}`);
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new FormatError(`safetensors: ${file} at byte 8: a header must be JSON in UTF-8, got ${cause}`, { cause });
  }
  const double = repeatedKey(text);
  if (double !== undefined) fail(file, 8, `names must be different, ${JSON.stringify(double)} stands there twice`);

  const entries: SafetensorsEntry[] = [];
  for (const [name, value] of Object.entries(header as object)) {
    if (name === "__metadata__") checkMetadata(file, value);
    else entries.push(parseEntry(file, name, value));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);

  const start = 8 + bytes.length;
  let end = 0;
  for (const entry of entries) {
    const what = entry.begin > end ? "a gap" : "an overlap";
    if (entry.begin !== end)
      fail(file, start + entry.begin, `data must be contiguous, ${what} lies before ${entry.name}`);
    if (entry.end > dataSize)
      fail(file, start + dataSize, `${entry.name} must end inside the file, it ends at byte ${start + entry.end}`);
    end = entry.end;
  }
  if (end !== dataSize)
    fail(file, start + end, `data must end with the last tensor, ${dataSize - end} bytes follow it`);
  return entries;
}

function parseEntry(file: string, name: string, value: unknown): SafetensorsEntry {
  const { dtype, shape, data_offsets } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof dtype !== "string" || !Object.hasOwn(widths, dtype))
    fail(
      file,
      8,
      `the dtype of ${name} must be one of ${Object.keys(widths).join(", ")}, got ${JSON.stringify(dtype)}`,
    );
  if (!isSizes(shape)) fail(file, 8, `the shape of ${name} must be a list of sizes, got ${JSON.stringify(shape)}`);
  if (!isSizes(data_offsets) || data_offsets.length !== 2)
    fail(file, 8, `the data_offsets of ${name} must be two sizes, got ${JSON.stringify(data_offsets)}`);
  const [begin, end] = data_offsets as [number, number];
  const size = shape.reduce((product, length) => product * length, widths[dtype as SafetensorsDtype]);
  if (end - begin !== size)
    fail(file, 8, `${name}, ${dtype} [${shape}], must have ${size} bytes, its data_offsets span ${end - begin}`);
  return { name, dtype: dtype as SafetensorsDtype, shape, begin, end };
}

function checkMetadata(file: string, value: unknown): void {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMap || !Object.values(value).every((text) => typeof text === "string"))
    fail(file, 8, `__metadata__ must map strings to strings, got ${JSON.stringify(value)?.slice(0, 80)}`);
}

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

/** A key that some object of a valid JSON text has twice; `JSON.parse` keeps only the last. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*:?|[{}]/g)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (token.endsWith(":")) {
      const key: string = JSON.parse(token.slice(0, -1));
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

function fail(file: string, offset: number, rule: string): never {
  throw new FormatError(`safetensors: ${file} at byte ${offset}: ${rule}`);
}
