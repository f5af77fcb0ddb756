// Copies of rows: look-ups and splits move whole runs of memory.

/** out[i, :] = x[ids[i], :]; returns the first i whose id is outside 0…rows−1, or −1. */
export function gatherRows(x: usize, ids: usize, out: usize, count: i32, rows: i32, bytes: i32): i32 {
  for (let i = 0; i < count; i++, out += bytes) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    if (<u32>id >= <u32>rows) return i;
    memory.copy(out, x + <usize>id * bytes, bytes);
  }
  return -1;
}

/** Copies `count` runs of `bytes`, `from` bytes apart, to places `to` bytes apart. */
export function copyRuns(x: usize, from: i32, out: usize, to: i32, count: i32, bytes: i32): void {
  for (let i = 0; i < count; i++, x += from, out += to) memory.copy(out, x, bytes);
}
