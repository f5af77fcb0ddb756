import { FormatError } from "@x/core";
import { fromBfloat16, fromFloat16 } from "./half-floats.js";
import type { SafetensorsEntry } from "./safetensors-header.js";

/** Values as tfjs takes them: float32, int32, and bytes for U8 and BOOL. */
export type SafetensorsData = Float32Array | Int32Array | Uint8Array;

/**
 * The values of one tensor, in a type that tfjs has.
 *
 * @param where - file and offset, for errors.
 * @throws FormatError for a value that the narrower type cannot hold.
 */
export function decodeValues(
  entry: SafetensorsEntry,
  { buffer }: Uint8Array<ArrayBuffer>,
  where: string,
): SafetensorsData {
  const refuse = (i: number, type: string, value: unknown): never => {
    throw new FormatError(`safetensors: ${where}: ${entry.name}[${i}] (${entry.dtype}) must fit ${type}, got ${value}`);
  };
  const toInt32 = (values: ArrayLike<number | bigint>): Int32Array => {
    const narrow = new Int32Array(values.length);
    for (let i = 0; i < narrow.length; i++) {
      const value = Number(values[i]!);
      narrow[i] = value;
      if (narrow[i] !== value) refuse(i, "int32", value);
    }
    return narrow;
  };
  const toFloat32 = (values: Float64Array): Float32Array => {
    const narrow = Float32Array.from(values);
    for (let i = 0; i < narrow.length; i++)
      if (Number.isFinite(values[i]!) && !Number.isFinite(narrow[i]!)) refuse(i, "float32", values[i]);
    return narrow;
  };

  switch (entry.dtype) {
    case "F32":
      return new Float32Array(buffer);
    case "F64":
      return toFloat32(new Float64Array(buffer));
    case "F16":
      return fromFloat16(new Uint16Array(buffer));
    case "BF16":
      return fromBfloat16(new Uint16Array(buffer));
    case "I64":
      return toInt32(new BigInt64Array(buffer));
    case "U64":
      return toInt32(new BigUint64Array(buffer));
    case "I32":
      return new Int32Array(buffer);
    case "U32":
      return toInt32(new Uint32Array(buffer));
    case "I16":
      return Int32Array.from(new Int16Array(buffer));
    case "U16":
      return Int32Array.from(new Uint16Array(buffer));
    case "I8":
      return Int32Array.from(new Int8Array(buffer));
    case "U8":
    case "BOOL":
      return new Uint8Array(buffer);
  }
}
