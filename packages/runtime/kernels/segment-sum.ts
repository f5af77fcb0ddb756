// Sums of rows that share a segment: the gradient of a row look-up.

/**
 * out[s, :] = Σ over the rows i with ids[i] = s of x[i, :]; rows of an id outside 0…segments−1 are dropped.
 *
 * @param row - elements in a row.
 */
export function segmentSumF32(x: usize, ids: usize, out: usize, rows: i32, row: i32, segments: i32): void {
  const bytes: usize = (<usize>row) << 2;
  memory.fill(out, 0, bytes * segments);
  for (let i = 0; i < rows; i++, x += bytes) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    if (<u32>id >= <u32>segments) continue;
    const to = out + bytes * id;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(x + at)));
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(x + at));
  }
}

/** The same sums of int32. */
export function segmentSumI32(x: usize, ids: usize, out: usize, rows: i32, row: i32, segments: i32): void {
  const bytes: usize = (<usize>row) << 2;
  memory.fill(out, 0, bytes * segments);
  for (let i = 0; i < rows; i++, x += bytes) {
    const id = load<i32>(ids + ((<usize>i) << 2));
    if (<u32>id >= <u32>segments) continue;
    const to = out + bytes * id;
    for (let at: usize = 0; at < bytes; at += 4) store<i32>(to + at, load<i32>(to + at) + load<i32>(x + at));
  }
}
