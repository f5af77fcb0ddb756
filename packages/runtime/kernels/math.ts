// Elementary functions of four float32 at a time, within 3 units in the last place, and kernels that apply them.

import { addLanes, loadSome, storeSome } from "./lanes";

const rounder: f32 = 12582912; // 1.5·2²³: adding it rounds a float32 to an integer

// biome-ignore lint/complexity/noStaticOnlyClass: only in a class may a function have a decorator
class Inline {
  /**
   * eˣ = 2ⁿ·eʳ with n = round(x / log 2), r = x − n·log 2 in two parts, and eʳ by the polynomial of Cephes' expf.
   * 2ⁿ is added to the exponent of eʳ. Results below 2⁻¹²⁶ are 0, those beyond the largest float32 ∞.
   */
  @inline
  static exp(x: v128): v128 {
    const shifted = f32x4.add(f32x4.mul(x, f32x4.splat(1.44269504)), f32x4.splat(rounder)); // its low bits are n
    const n = f32x4.sub(shifted, f32x4.splat(rounder));
    let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
    r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.1219444e-4)));
    let p = f32x4.splat(1.98756915e-4);
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1));
    p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1));
    p = f32x4.add(f32x4.add(f32x4.mul(f32x4.mul(p, r), r), r), f32x4.splat(1));
    const y = i32x4.add(p, i32x4.shl(shifted, 23));
    const finite = v128.andnot(y, f32x4.lt(x, f32x4.splat(-87.33654)));
    // NaN is not in range either, and stays NaN.
    return v128.bitselect(finite, f32x4.add(x, f32x4.splat(Infinity)), f32x4.le(x, f32x4.splat(88.72283)));
  }
}

/** log x = e·log 2 + log m with m in [√½, √2), log m by the polynomial of Cephes' logf; x at least 2⁻¹²⁶. */
function logNormal4(x: v128): v128 {
  let e = i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126));
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000)); // in [½, 1)
  const low = f32x4.lt(m, f32x4.splat(0.707106781));
  e = i32x4.add(e, low); // a true lane is −1
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), f32x4.splat(1));
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1));
  const n = f32x4.convert_i32x4_s(e);
  let y = f32x4.mul(f32x4.mul(p, m), z);
  y = f32x4.add(y, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  y = f32x4.sub(y, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(m, y), f32x4.mul(n, f32x4.splat(0.693359375)));
}

/** log x for every x: denormals are scaled up first; 0 gives −∞, less gives NaN, ∞ and NaN stay. */
export function log4(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, small);
  let y = f32x4.sub(logNormal4(scaled), v128.and(small, f32x4.splat(15.942385)));
  y = v128.bitselect(f32x4.splat(-Infinity), y, f32x4.eq(x, f32x4.splat(0)));
  y = v128.bitselect(f32x4.splat(NaN), y, f32x4.lt(x, f32x4.splat(0)));
  const finite = f32x4.lt(x, f32x4.splat(Infinity));
  return v128.bitselect(y, x, v128.or(finite, f32x4.lt(x, f32x4.splat(0))));
}

/** log(1 + x) = log y · x / (y − 1) with y = 1 + x as rounded, which cancels the rounding. */
function log1p4(x: v128): v128 {
  const y = f32x4.add(x, f32x4.splat(1));
  const corrected = f32x4.div(f32x4.mul(log4(y), x), f32x4.sub(y, f32x4.splat(1)));
  const exact = f32x4.eq(y, f32x4.splat(1));
  const infinite = f32x4.eq(y, f32x4.splat(Infinity));
  return v128.bitselect(x, corrected, v128.or(exact, infinite));
}

/** tanh x = 1 − 2/(e²ˣ + 1), and for |x| < 0.625, where that cancels, the polynomial of Cephes' tanhf. */
function tanh4(x: v128): v128 {
  const far = f32x4.sub(
    f32x4.splat(1),
    f32x4.div(f32x4.splat(2), f32x4.add(Inline.exp(f32x4.add(x, x)), f32x4.splat(1))),
  );
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(2.06390887954e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-5.37397155531e-2));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(1.33314422036e-1));
  p = f32x4.add(f32x4.mul(p, z), f32x4.splat(-3.33332819422e-1));
  const near = f32x4.add(f32x4.mul(f32x4.mul(p, z), x), x);
  return v128.bitselect(near, far, f32x4.lt(f32x4.abs(x), f32x4.splat(0.625)));
}

/** out[i] = exp(x[i] − shift); returns the sum. A call, or one vector a turn, would load 16 constants for each vector. */
export function expSum(x: usize, out: usize, size: i32, shift: f32): f32 {
  const s = f32x4.splat(shift);
  let sum = f32x4.splat(0);
  let i = 0;
  for (; i + 16 <= size; i += 16, x += 64, out += 64) {
    const a = Inline.exp(f32x4.sub(v128.load(x), s)),
      b = Inline.exp(f32x4.sub(v128.load(x, 16), s));
    const c = Inline.exp(f32x4.sub(v128.load(x, 32), s)),
      d = Inline.exp(f32x4.sub(v128.load(x, 48), s));
    v128.store(out, a);
    v128.store(out, b, 16);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
    sum = f32x4.add(sum, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  for (; i + 4 <= size; i += 4, x += 16, out += 16) {
    const e = Inline.exp(f32x4.sub(v128.load(x), s));
    v128.store(out, e);
    sum = f32x4.add(sum, e);
  }
  if (i < size) {
    const e = Inline.exp(f32x4.sub(loadSome(x, size - i, -Infinity), s));
    storeSome(out, e, size - i);
    sum = f32x4.add(sum, e);
  }
  return addLanes(sum);
}

export function exp(x: usize, out: usize, size: i32): void {
  expSum(x, out, size, 0);
}

export function log(x: usize, out: usize, size: i32): void {
  const end = out + ((<usize>size) << 2);
  for (; out + 16 <= end; x += 16, out += 16) v128.store(out, log4(v128.load(x)));
  for (; out < end; x += 4, out += 4) f32.store(out, f32x4.extract_lane(log4(v128.load32_splat(x)), 0));
}

export function log1p(x: usize, out: usize, size: i32): void {
  const end = out + ((<usize>size) << 2);
  for (; out + 16 <= end; x += 16, out += 16) v128.store(out, log1p4(v128.load(x)));
  for (; out < end; x += 4, out += 4) f32.store(out, f32x4.extract_lane(log1p4(v128.load32_splat(x)), 0));
}

export function tanh(x: usize, out: usize, size: i32): void {
  const end = out + ((<usize>size) << 2);
  for (; out + 16 <= end; x += 16, out += 16) v128.store(out, tanh4(v128.load(x)));
  for (; out < end; x += 4, out += 4) f32.store(out, f32x4.extract_lane(tanh4(v128.load32_splat(x)), 0));
}
