/** What is believed of one arm: a density with one peak, up to a factor. */
export interface Belief {
  /** Where it is large. */
  readonly centre: number;
  /** How far around the centre, about a standard deviation. */
  readonly width: number;
  readonly logDensity: (x: number) => number;
}

// Knots at centre + width · sinh(sinh(v)): close together around the peak, and as far out as heavy tails reach.
const knots = Array.from({ length: 2 * 88 + 1 }, (_, i) => Math.sinh(Math.sinh((i - 88) / 24)));

/**
 * The probability that each of several independent random numbers is the largest.
 *
 *   P(k) = ∫ f_k(x) Π_{j≠k} F_j(x) dx
 *
 * Simpson's rule over the knots of all densities and the points half-way between them; the distribution functions F are
 * integrals over the same points. Errors are of the order of 1e-6.
 */
export function bestArmProbabilities(beliefs: readonly Belief[], p: Float64Array): void {
  const x = Float64Array.from(
    beliefs.flatMap(({ centre, width }) => knots.map((knot) => centre + width * knot)),
  ).sort();
  const points = new Float64Array(2 * x.length - 1);
  for (let i = 0; i < points.length; i++) points[i] = (x[i >> 1]! + x[(i + 1) >> 1]!) / 2;
  const below = new Float64Array(points.length).fill(1); // Π F
  const densities = beliefs.map(({ centre, logDensity }) => {
    const peak = logDensity(centre);
    return points.map((x) => Math.exp(logDensity(x) - peak));
  });
  const distributions = densities.map((f) => distribution(points, f));
  for (const F of distributions) for (let i = 0; i < points.length; i++) below[i]! *= F[i]!;
  densities.forEach((f, k) => {
    const F = distributions[k]!;
    const chance = f.map((density, i) => (F[i]! > 0 ? density * (below[i]! / F[i]!) : 0));
    const total = integral(points, f);
    p[k] = integral(points, chance) / total;
  });
  const sum = p.reduce((a, b) => a + b, 0);
  for (let k = 0; k < p.length; k++) p[k]! /= sum;
}

/** Simpson's rule over pairs of equal steps. */
function integral(x: Float64Array, f: Float64Array): number {
  let sum = 0;
  for (let i = 0; i + 2 < x.length; i += 2) sum += ((x[i + 2]! - x[i]!) / 6) * (f[i]! + 4 * f[i + 1]! + f[i + 2]!);
  return sum;
}

/** The integral of f up to every point, divided by that up to the last; half-way between knots by the trapezoid rule. */
function distribution(x: Float64Array, f: Float64Array): Float64Array {
  const F = new Float64Array(x.length);
  for (let i = 0; i + 2 < x.length; i += 2) {
    const h = x[i + 2]! - x[i]!;
    F[i + 1] = F[i]! + (h / 4) * (f[i]! + f[i + 1]!);
    F[i + 2] = F[i]! + (h / 6) * (f[i]! + 4 * f[i + 1]! + f[i + 2]!);
  }
  const total = F[x.length - 1]!;
  return F.map((value) => Math.min(1, value / total));
}
