// One step of AdamW.

/**
 * m′ = m + (1 − β₁)(g − m),  v′ = v + (1 − β₂)(g² − v),  θ′ = keep·θ − α m′/(√v′ + ε̂)  for `size` parameters.
 *
 * @param alpha - address of one float, as are epsilonHat and keep.
 * @param rate1 - 1 − β₁; rate2 likewise.
 */
export function adamW(
  theta: usize,
  m: usize,
  v: usize,
  g: usize,
  alpha: usize,
  epsilonHat: usize,
  keep: usize,
  rate1: f32,
  rate2: f32,
  newTheta: usize,
  newM: usize,
  newV: usize,
  size: i32,
): void {
  const bytes: usize = (<usize>size) << 2;
  const alpha4 = v128.load32_splat(alpha),
    epsilon4 = v128.load32_splat(epsilonHat),
    keep4 = v128.load32_splat(keep),
    first = f32x4.splat(rate1),
    second = f32x4.splat(rate2);
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const gradient = v128.load(g + at);
    let mean = v128.load(m + at),
      square = v128.load(v + at);
    mean = f32x4.add(mean, f32x4.mul(first, f32x4.sub(gradient, mean)));
    square = f32x4.add(square, f32x4.mul(second, f32x4.sub(f32x4.mul(gradient, gradient), square)));
    v128.store(newM + at, mean);
    v128.store(newV + at, square);
    const move = f32x4.div(f32x4.mul(alpha4, mean), f32x4.add(f32x4.sqrt(square), epsilon4));
    v128.store(newTheta + at, f32x4.sub(f32x4.mul(keep4, v128.load(theta + at)), move));
  }
  for (; at < bytes; at += 4) {
    const gradient = f32.load(g + at);
    const mean = f32.load(m + at) + rate1 * (gradient - f32.load(m + at));
    const square = f32.load(v + at) + rate2 * (gradient * gradient - f32.load(v + at));
    f32.store(newM + at, mean);
    f32.store(newV + at, square);
    const move = (f32.load(alpha) * mean) / (sqrt<f32>(square) + f32.load(epsilonHat));
    f32.store(newTheta + at, f32.load(keep) * f32.load(theta + at) - move);
  }
}
