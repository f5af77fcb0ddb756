// The four lanes of a vector, and vectors that are cut off at the end of a row.

/** The first `count` (1…3) floats at x, and `rest` in the other lanes. */
export function loadSome(x: usize, count: i32, rest: f32): v128 {
  let v = v128.load32_lane(x, f32x4.splat(rest), 0);
  if (count > 1) v = v128.load32_lane(x, v, 1, 4);
  if (count > 2) v = v128.load32_lane(x, v, 2, 8);
  return v;
}

/** Writes the first `count` (1…3) lanes to out. */
export function storeSome(out: usize, v: v128, count: i32): void {
  v128.store32_lane(out, v, 0);
  if (count > 1) v128.store32_lane(out, v, 1, 4);
  if (count > 2) v128.store32_lane(out, v, 2, 8);
}

export function addLanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

export function maxLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}
