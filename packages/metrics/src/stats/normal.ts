const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/**
 * The standard normal distribution function Φ.
 *
 *   |x| < 2.5:  Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …)
 *   beyond:     Φ(−x) = φ(x) / (x + 1/(x + 2/(x + 3/(x + …))))
 */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size < 2.5) {
    let term = x;
    let sum = x;
    for (let k = 3; Math.abs(term) > 1e-18; k += 2) {
      term *= (x * x) / k;
      sum += term;
    }
    return 0.5 + density(x) * sum;
  }
  let fraction = size;
  for (let k = 80; k >= 1; k--) fraction = size + k / fraction;
  const tail = density(size) / fraction;
  return x < 0 ? tail : 1 - tail;
}

/** The inverse Φ⁻¹(p), p in (0, 1): a rational start (Abramowitz & Stegun 26.2.23), then Halley steps on Φ. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 3; step++) {
    const newton = (normalCdf(x) - p) / density(x);
    x -= newton / (1 + (x * newton) / 2);
  }
  return x;
}
