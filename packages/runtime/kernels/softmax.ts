// The softmax of attention, cross-entropy, and their gradients.

import { addLanes, loadSome, maxLanes } from "./lanes";
import { expSum, log4 } from "./math";

/** The largest of a row of `size` floats other than NaN, −∞ when it is empty. */
function rowMax(x: usize, size: i32): f32 {
  let m = f32x4.splat(-Infinity);
  let j = 0;
  for (; j + 4 <= size; j += 4, x += 16) m = f32x4.pmax(m, v128.load(x));
  if (j < size) m = f32x4.pmax(m, loadSome(x, size - j, -Infinity));
  return maxLanes(m);
}

/** out[j] = factor · x[j]; the two may be the same. */
function rowScale(x: usize, out: usize, size: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  let j = 0;
  for (; j + 4 <= size; j += 4, x += 16, out += 16) v128.store(out, f32x4.mul(v128.load(x), f));
  for (; j < size; j++, x += 4, out += 4) f32.store(out, f32.load(x) * factor);
}

/**
 * out[i, :] = softmax over the first i mod queries + 1 + keys − queries numbers of x[i, :], and 0 for the others.
 */
export function causalSoftmax(x: usize, out: usize, rows: i32, queries: i32, keys: i32): void {
  const bytes: usize = (<usize>keys) << 2;
  for (let i = 0; i < rows; i++, x += bytes, out += bytes) {
    const seen = max(0, (i % queries) + 1 + keys - queries);
    rowScale(out, out, seen, 1 / expSum(x, out, seen, rowMax(x, seen)));
    memory.fill(out + ((<usize>seen) << 2), 0, (<usize>(keys - seen)) << 2);
  }
}

/** dx = y ∘ (dy − Σ dy ∘ y) for each row y = softmax(x). */
export function softmaxGrad(dy: usize, y: usize, dx: usize, rows: i32, size: i32): void {
  for (let i = 0; i < rows; i++) {
    let products = f32x4.splat(0);
    let at: usize = 0;
    const bytes: usize = (<usize>size) << 2;
    for (; at + 16 <= bytes; at += 16) {
      products = f32x4.add(products, f32x4.mul(v128.load(dy + at), v128.load(y + at)));
    }
    let inner = addLanes(products);
    for (; at < bytes; at += 4) inner += f32.load(dy + at) * f32.load(y + at);
    const inner4 = f32x4.splat(inner);
    at = 0;
    for (; at + 16 <= bytes; at += 16) {
      v128.store(dx + at, f32x4.mul(f32x4.sub(v128.load(dy + at), inner4), v128.load(y + at)));
    }
    for (; at < bytes; at += 4) f32.store(dx + at, (f32.load(dy + at) - inner) * f32.load(y + at));
    dy += bytes;
    y += bytes;
    dx += bytes;
  }
}

/**
 * exponential[i, :] = exp(z[i, :] − max z[i, :]), total[i] their sum, loss[i] = log total[i] − (z[i, label] − max).
 *
 * @returns the first i whose label is outside 0…size−1, or −1.
 */
export function crossEntropy(
  z: usize,
  labels: usize,
  loss: usize,
  exponential: usize,
  total: usize,
  rows: i32,
  size: i32,
): i32 {
  const bytes: usize = (<usize>size) << 2;
  for (let i = 0; i < rows; i++) {
    const label = load<i32>(labels);
    if (<u32>label >= <u32>size) return i;
    const top = rowMax(z, size);
    const sum = expSum(z, exponential, size, top);
    f32.store(total, sum);
    const log = f32x4.extract_lane(log4(f32x4.splat(sum)), 0);
    f32.store(loss, log - (f32.load(z + ((<usize>label) << 2)) - top));
    z += bytes;
    exponential += bytes;
    labels += 4;
    loss += 4;
    total += 4;
  }
  return -1;
}

/** dz[i, :] = exponential[i, :] · dy[i] / total[i], less dy[i] at the label. */
export function crossEntropyGrad(
  dy: usize,
  exponential: usize,
  total: usize,
  labels: usize,
  dz: usize,
  rows: i32,
  size: i32,
): void {
  const bytes: usize = (<usize>size) << 2;
  for (let i = 0; i < rows; i++) {
    const scale = f32.load(dy);
    rowScale(exponential, dz, size, scale / f32.load(total));
    const at = dz + ((<usize>load<i32>(labels)) << 2);
    f32.store(at, f32.load(at) - scale);
    exponential += bytes;
    dz += bytes;
    dy += 4;
    total += 4;
    labels += 4;
  }
}
