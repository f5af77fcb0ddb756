// The counter-based integer hash of src/hash-bits.ts.

/** A 32-bit finaliser: every bit of x reaches every bit of the result. */
function mix(x: u32): u32 {
  x = (x ^ (x >> 16)) * 0x7feb352d;
  x = (x ^ (x >> 15)) * 0x846ca68b;
  return x ^ (x >> 16);
}

/** out[i] = the top 24 bits of mix(mix(offset + i) ⊕ key), the key read from memory. */
export function hashBits(key: usize, offset: u32, out: usize, size: i32): void {
  const word = load<u32>(key);
  for (let i = 0; i < size; i++) store<u32>(out + ((<usize>i) << 2), mix(mix(offset + i) ^ word) >> 8);
}
