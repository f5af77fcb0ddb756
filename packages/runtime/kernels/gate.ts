// x σ(a x + b x³): the tanh form of GELU, and SiLU with a = 1, b = 0.

import { loadSome, storeSome } from "./lanes";
import { expSum } from "./math";

const chunk: i32 = 256; // floats that stay in the first-level cache from pass to pass

/** s = σ(a x + b x³),  y = x s. */
export function gate(x: usize, y: usize, s: usize, size: i32, a: f32, b: f32): void {
  for (let i = 0; i < size; i += chunk) {
    const length = min(chunk, size - i);
    const bytes: usize = (<usize>length) << 2;
    negatedCubic(x, s, bytes, a, b);
    expSum(s, s, length, 0);
    finish(x, y, s, bytes);
    x += bytes;
    y += bytes;
    s += bytes;
  }
}

/** out = −(a x + b x³). */
function negatedCubic(x: usize, out: usize, bytes: usize, a: f32, b: f32): void {
  const a4 = f32x4.splat(-a),
    b4 = f32x4.splat(b);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const v = v128.load(x + at);
    v128.store(out + at, f32x4.mul(v, f32x4.sub(a4, f32x4.mul(b4, f32x4.mul(v, v)))));
  }
  for (; at < bytes; at += 4) {
    const v = f32.load(x + at);
    f32.store(out + at, v * (-a - b * (v * v)));
  }
}

/** s = 1/(1 + s),  y = x s. */
function finish(x: usize, y: usize, s: usize, bytes: usize): void {
  const one = f32x4.splat(1);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const w = f32x4.div(one, f32x4.add(one, v128.load(s + at)));
    v128.store(s + at, w);
    v128.store(y + at, f32x4.mul(v128.load(x + at), w));
  }
  for (; at < bytes; at += 4) {
    const w: f32 = 1 / (1 + f32.load(s + at));
    f32.store(s + at, w);
    f32.store(y + at, f32.load(x + at) * w);
  }
}

function slope4(dy: v128, x: v128, s: v128, a: v128, b3: v128): v128 {
  const du = f32x4.add(a, f32x4.mul(b3, f32x4.mul(x, x)));
  const ds = f32x4.mul(f32x4.mul(x, s), f32x4.sub(f32x4.splat(1), s));
  return f32x4.mul(dy, f32x4.add(s, f32x4.mul(ds, du)));
}

/** dx = dy (s + x s (1 − s)(a + 3b x²)). */
export function gateGrad(dy: usize, x: usize, s: usize, dx: usize, size: i32, a: f32, b: f32): void {
  const a4 = f32x4.splat(a),
    b4 = f32x4.splat(3 * b);
  let i = 0;
  for (; i + 4 <= size; i += 4, dy += 16, x += 16, s += 16, dx += 16) {
    v128.store(dx, slope4(v128.load(dy), v128.load(x), v128.load(s), a4, b4));
  }
  if (i == size) return;
  const rest = size - i;
  storeSome(dx, slope4(loadSome(dy, rest, 0), loadSome(x, rest, 0), loadSome(s, rest, 0), a4, b4), rest);
}
