import { ValueError } from "@x/core";
import { checkEach, checkFinite, checkLength, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/** MAUVE of two histograms. */
export interface HistogramMauve {
  /** In (0, 1]; 1 for equal histograms. */
  readonly mauve: number;
  /** `[27]` points of the divergence curve, from (1, 0) to (0, 1). */
  readonly divergenceCurve: readonly (readonly [x: number, y: number])[];
}

const weights = 25;
const scale = 5;

/**
 * MAUVE of two histograms over the same bins: the area under their divergence curve.
 *
 *   R = λP + (1 − λ)Q,  (x, y) = (exp(−5·KL(Q‖R)), exp(−5·KL(P‖R))) for 25 λ from 10⁻⁶ to 1 − 10⁻⁶, with (1, 0) and (0, 1)
 *   mauve = ½ Σᵢ (xᵢyᵢ₊₁ − xᵢ₊₁yᵢ)
 *
 * Along λ the curve falls in x and rises in y, so this is at once the trapezoid area over x and that over y.
 *
 * @param p - counts or weights of the bins, scaled to sum 1.
 * @param q - the same.
 * @throws ValueError for histograms that are empty, of different lengths, negative, not finite or all 0.
 * @paper 2102.01454 eq. 1
 */
export function histogramMauve(p: Vec, q: Vec): HistogramMauve {
  const P = distribution("p", p);
  const Q = distribution("q", q);
  checkLength("histogramMauve", "q", q, "p", p.length);
  const inner = Array.from({ length: weights }, (_, i) => {
    const lambda = 1e-6 + i * ((1 - 2e-6) / (weights - 1));
    const R = P.map((x, bin) => lambda * x + (1 - lambda) * Q[bin]!);
    return [Math.exp(-scale * divergence(Q, R)), Math.exp(-scale * divergence(P, R))] as const;
  });
  const divergenceCurve = [[1, 0] as const, ...inner, [0, 1] as const];
  let doubled = 0;
  for (let i = 0; i + 1 < divergenceCurve.length; i++) {
    const [x, y] = divergenceCurve[i]!;
    const [nextX, nextY] = divergenceCurve[i + 1]!;
    doubled += x * nextY - nextX * y;
  }
  return { mauve: doubled / 2, divergenceCurve };
}

function distribution(argument: string, histogram: Vec): Float64Array {
  checkFinite("histogramMauve", argument, histogram);
  checkEach("histogramMauve", argument, histogram, "≥ 0", (x) => x >= 0);
  const total = compensatedSum(histogram);
  if (total === 0) throw new ValueError(`histogramMauve: ${argument} must not be all 0`, { argument, value: total });
  return Float64Array.from(histogram, (x) => x / total);
}

/** KL(p‖r) = Σ p ln(p/r), in nats; r is positive wherever p is. */
function divergence(p: Float64Array, r: Float64Array): number {
  let sum = 0;
  for (let bin = 0; bin < p.length; bin++) if (p[bin]! > 0) sum += p[bin]! * Math.log(p[bin]! / r[bin]!);
  return sum;
}
