// Sums over neighbouring axes: the tensor as [outer, size, inner], the middle summed.

/** out[i] = scale·Σⱼ x[i, j] for rows of `size`. */
function sumRows(x: usize, out: usize, outer: i32, size: i32, scale: f32): void {
  const bytes: usize = (<usize>size) << 2;
  for (let i = 0; i < outer; i++) {
    const end = x + bytes;
    let a = f32x4.splat(0),
      b = a,
      c = a,
      d = a;
    for (; x + 64 <= end; x += 64) {
      a = f32x4.add(a, v128.load(x));
      b = f32x4.add(b, v128.load(x, 16));
      c = f32x4.add(c, v128.load(x, 32));
      d = f32x4.add(d, v128.load(x, 48));
    }
    for (; x + 16 <= end; x += 16) a = f32x4.add(a, v128.load(x));
    const s = f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
    let sum =
      f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + (f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3));
    for (; x < end; x += 4) sum += f32.load(x);
    f32.store(out, sum * scale);
    out += 4;
  }
}

/** Adds `rows` rows of `inner`, a multiple of `inner` floats apart, to the row at `out`, which starts at zero. */
function addRows(x: usize, out: usize, rows: i32, bytes: usize): void {
  memory.fill(out, 0, bytes);
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const p = x + at;
      const pairs = f32x4.add(
        f32x4.add(v128.load(p), v128.load(p + bytes)),
        f32x4.add(v128.load(p + 2 * bytes), v128.load(p + 3 * bytes)),
      );
      v128.store(out + at, f32x4.add(v128.load(out + at), pairs));
    }
    for (; at < bytes; at += 4) {
      const p = x + at;
      const pairs = f32.load(p) + f32.load(p + bytes) + (f32.load(p + 2 * bytes) + f32.load(p + 3 * bytes));
      f32.store(out + at, f32.load(out + at) + pairs);
    }
    x += 4 * bytes;
  }
  for (; r < rows; r++, x += bytes) {
    for (let at: usize = 0; at < bytes; at += 4) f32.store(out + at, f32.load(out + at) + f32.load(x + at));
  }
}

/** out[i, k] = scale·Σⱼ x[i, j, k]; scale 1 gives the sum, 1/size the mean. */
export function sum(x: usize, out: usize, outer: i32, size: i32, inner: i32, scale: f32): void {
  if (inner == 1) return sumRows(x, out, outer, size, scale);
  const bytes: usize = (<usize>inner) << 2;
  for (let i = 0; i < outer; i++) {
    addRows(x, out, size, bytes);
    if (scale != 1) {
      for (let at: usize = 0; at < bytes; at += 4) f32.store(out + at, f32.load(out + at) * scale);
    }
    x += bytes * size;
    out += bytes;
  }
}
