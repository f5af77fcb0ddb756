/** Widens bfloat16: the upper half of a float32. */
export function fromBfloat16(values: Uint16Array): Float32Array<ArrayBuffer> {
  const wide = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) wide[i] = values[i]! << 16;
  return new Float32Array(wide.buffer);
}

/** Narrows float32 to bfloat16, rounding to nearest and ties to even; every NaN becomes 0x7fc0, as in PyTorch. */
export function toBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const narrow = new Uint16Array(values.length);
  for (let i = 0; i < narrow.length; i++) {
    const b = bits[i]!;
    const notANumber = (b & 0x7fffffff) > 0x7f800000;
    narrow[i] = notANumber ? 0x7fc0 : (b + 0x7fff + ((b >>> 16) & 1)) >>> 16;
  }
  return narrow;
}

/** Widens IEEE half precision: 1 sign bit, 5 of exponent, 10 of mantissa. */
export function fromFloat16(values: Uint16Array): Float32Array<ArrayBuffer> {
  const wide = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) wide[i] = float16[values[i]!]!;
  return wide;
}

/** The value of each of the 65 536 patterns. */
const float16 = Float32Array.from({ length: 1 << 16 }, (_, bits) => {
  const sign = bits >> 15 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
});
