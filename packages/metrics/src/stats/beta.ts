/**
 * The distribution function of the beta distribution by its continued fraction, evaluated from the inside.
 *
 *   I_x(a, b) = xᵃ (1 − x)ᵇ / (a B(a, b)) / (1 + d₁/(1 + d₂/(1 + …))),
 *   d₂ₘ₊₁ = −(a + m)(a + b + m)x / ((a + 2m)(a + 2m + 1)),  d₂ₘ = m(b − m)x / ((a + 2m − 1)(a + 2m))
 *
 * It converges in O(√(a + b)) terms for x ≤ (a + 1)/(a + b + 2); beyond, I_x(a, b) = 1 − I₁₋ₓ(b, a).
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - betaCdf(1 - x, b, a);
  let fraction = 1;
  for (let m = Math.ceil(50 + 4 * Math.sqrt(a + b)); m >= 0; m--) {
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    const even = ((m + 1) * (b - m - 1) * x) / ((a + 2 * m + 1) * (a + 2 * m + 2));
    fraction = 1 + odd / (1 + even / fraction);
  }
  return Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / (a * fraction);
}

/** The x at which `betaCdf(x, a, b)` is p, by bisection to the last bit. */
export function betaQuantile(p: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let x = 0.5; x > low && x < high; x = (low + high) / 2) {
    if (betaCdf(x, a, b) < p) low = x;
    else high = x;
  }
  return high;
}

const logBeta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);

/** ln Γ(x), x > 0: Stirling's series beyond 10, reached by ln Γ(x) = ln Γ(x + 1) − ln x. */
function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  for (; y < 10; y++) shift += Math.log(y);
  const z = 1 / (y * y);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z * (1 / 1188 - (z * 691) / 360360))))) / y;
  return (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series - shift;
}
