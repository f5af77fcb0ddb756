// Layer and root-mean-square normalisation of rows, and their gradient.

import { addLanes } from "./lanes";

/** The vector, or number, of a parameter at `at`; 1 or 0 where there is none. */
function parameter4(address: usize, at: usize, absent: f32): v128 {
  return address == 0 ? f32x4.splat(absent) : v128.load(address + at);
}

function parameter(address: usize, at: usize, absent: f32): f32 {
  return address == 0 ? absent : f32.load(address + at);
}

function rowSum(x: usize, bytes: usize): f32 {
  let s = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) s = f32x4.add(s, v128.load(x + at));
  let sum = addLanes(s);
  for (; at < bytes; at += 4) sum += f32.load(x + at);
  return sum;
}

/** Σ (x − shift)². */
function rowSquares(x: usize, bytes: usize, shift: f32): f32 {
  const shift4 = f32x4.splat(shift);
  let s = f32x4.splat(0);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const centred = f32x4.sub(v128.load(x + at), shift4);
    s = f32x4.add(s, f32x4.mul(centred, centred));
  }
  let sum = addLanes(s);
  for (; at < bytes; at += 4) {
    const centred = f32.load(x + at) - shift;
    sum += centred * centred;
  }
  return sum;
}

/**
 * r = (mean (x − μ)² + ε)^−½,  x̂ = (x − μ)·r,  y = gain ∘ x̂ + bias  for rows of `width`; μ is the mean, or 0.
 *
 * @param centre - whether the mean is taken off.
 * @param gain - `width` floats, or 0 for none; bias likewise.
 */
export function norm(
  x: usize,
  gain: usize,
  bias: usize,
  y: usize,
  xHat: usize,
  r: usize,
  rows: i32,
  width: i32,
  epsilon: f32,
  centre: bool,
): void {
  const bytes: usize = (<usize>width) << 2;
  const n = <f32>width;
  for (let i = 0; i < rows; i++) {
    const mean: f32 = centre ? rowSum(x, bytes) / n : 0;
    const scale: f32 = 1 / sqrt<f32>(rowSquares(x, bytes, mean) / n + epsilon);
    f32.store(r, scale);
    const mean4 = f32x4.splat(mean),
      scale4 = f32x4.splat(scale);
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const h = f32x4.mul(f32x4.sub(v128.load(x + at), mean4), scale4);
      v128.store(xHat + at, h);
      v128.store(y + at, f32x4.add(f32x4.mul(h, parameter4(gain, at, 1)), parameter4(bias, at, 0)));
    }
    for (; at < bytes; at += 4) {
      const h = (f32.load(x + at) - mean) * scale;
      f32.store(xHat + at, h);
      f32.store(y + at, h * parameter(gain, at, 1) + parameter(bias, at, 0));
    }
    x += bytes;
    y += bytes;
    xHat += bytes;
    r += 4;
  }
}

/**
 * With g = gain ∘ dy:  dx = r (g − mean g − x̂·mean(g ∘ x̂)),  dgain = Σ dy ∘ x̂,  dbias = Σ dy  over the rows;
 * without `centre` the mean of g stays.
 */
export function normGrad(
  dy: usize,
  xHat: usize,
  r: usize,
  gain: usize,
  dx: usize,
  dgain: usize,
  dbias: usize,
  rows: i32,
  width: i32,
  centre: bool,
): void {
  const bytes: usize = (<usize>width) << 2;
  const n = <f32>width;
  memory.fill(dgain, 0, bytes);
  memory.fill(dbias, 0, bytes);
  for (let i = 0; i < rows; i++) {
    let sum4 = f32x4.splat(0),
      inner4 = sum4;
    let at: usize = 0;
    for (; at + 16 <= bytes; at += 16) {
      const d = v128.load(dy + at),
        h = v128.load(xHat + at);
      const dh = f32x4.mul(d, h),
        w = parameter4(gain, at, 1);
      v128.store(dgain + at, f32x4.add(v128.load(dgain + at), dh));
      v128.store(dbias + at, f32x4.add(v128.load(dbias + at), d));
      sum4 = f32x4.add(sum4, f32x4.mul(w, d));
      inner4 = f32x4.add(inner4, f32x4.mul(w, dh));
    }
    let sum = addLanes(sum4),
      inner = addLanes(inner4);
    for (; at < bytes; at += 4) {
      const d = f32.load(dy + at),
        dh = d * f32.load(xHat + at),
        w = parameter(gain, at, 1);
      f32.store(dgain + at, f32.load(dgain + at) + dh);
      f32.store(dbias + at, f32.load(dbias + at) + d);
      sum += w * d;
      inner += w * dh;
    }
    const mean: f32 = centre ? sum / n : 0,
      projection: f32 = inner / n,
      scale = f32.load(r);
    const mean4 = f32x4.splat(mean),
      projection4 = f32x4.splat(projection),
      scale4 = f32x4.splat(scale);
    at = 0;
    for (; at + 16 <= bytes; at += 16) {
      const g = f32x4.sub(f32x4.mul(parameter4(gain, at, 1), v128.load(dy + at)), mean4);
      v128.store(dx + at, f32x4.mul(f32x4.sub(g, f32x4.mul(v128.load(xHat + at), projection4)), scale4));
    }
    for (; at < bytes; at += 4) {
      const g = parameter(gain, at, 1) * f32.load(dy + at) - mean;
      f32.store(dx + at, (g - f32.load(xHat + at) * projection) * scale);
    }
    dy += bytes;
    xHat += bytes;
    dx += bytes;
    r += 4;
  }
}
