import { parseState, StateError } from "@x/core";
import { checkEach, checkValue, type Vec } from "../checks.js";
import { compensatedSum } from "../sum.js";

/** Saved state of `Moments`: count, mean, sums of powers of the deviations from it, and extremes (0 of no values). */
export type MomentsState = {
  readonly version: 1;
  readonly count: number;
  readonly mean: number;
  /** Σ (x − x̄)² */
  readonly m2: number;
  /** Σ (x − x̄)³ */
  readonly m3: number;
  /** Σ (x − x̄)⁴ */
  readonly m4: number;
  readonly min: number;
  readonly max: number;
};

/** What `Moments` has gathered. */
export interface MomentsValue {
  readonly count: number;
  readonly mean: number;
  /** Divisor n − 1; NaN for a single value. */
  readonly variance: number;
  /** √n m₃/m₂^1.5, where all values are equal NaN. */
  readonly skewness: number;
  /** n m₄/m₂² − 3, 0 for a normal distribution; where all values are equal NaN. */
  readonly kurtosis: number;
  readonly min: number;
  readonly max: number;
}

const nothing: MomentsState = { version: 1, count: 0, mean: 0, m2: 0, m3: 0, m4: 0, min: 0, max: 0 };

/**
 * Gathers mean, variance, skewness, kurtosis and extremes of a stream of numbers in constant memory.
 *
 * Parts are merged by the deviations from their own means, never by sums of powers, which cancel far from zero.
 */
export class Moments {
  #state = nothing;

  /**
   * Adds a value.
   *
   * @throws ValueError for a value that is not finite.
   */
  add(value: number): this {
    checkValue("Moments.add", "value", value, "finite", Number.isFinite(value));
    return this.#include({ ...nothing, count: 1, mean: value, min: value, max: value });
  }

  /**
   * Adds the values of a batch.
   *
   * @throws ValueError for a value that is not finite.
   */
  addMany(values: Vec): this {
    checkEach("Moments.addMany", "values", values, "finite", Number.isFinite);
    return values.length === 0 ? this : this.#include(momentsOf(values));
  }

  /** Adds what another accumulator has gathered. */
  merge(other: Moments): this {
    return this.#include(other.#state);
  }

  /** The figures so far; the mean and the extremes are NaN when no value was added. */
  value(): MomentsValue {
    const { count: n, mean, m2, m3, m4, min, max } = this.#state;
    if (n === 0) return { count: 0, mean: NaN, variance: NaN, skewness: NaN, kurtosis: NaN, min: NaN, max: NaN };
    return {
      count: n,
      mean,
      variance: n > 1 ? m2 / (n - 1) : NaN,
      skewness: (Math.sqrt(n) * m3) / m2 ** 1.5,
      kurtosis: (n * m4) / m2 ** 2 - 3,
      min,
      max,
    };
  }

  /** The state as plain JSON, for checkpoints and other workers. */
  toJSON(): MomentsState {
    return this.#state;
  }

  /**
   * Continues from saved state.
   *
   * @throws StateError for another version, or numbers that no accumulator can have.
   */
  static fromJSON(state: unknown): Moments {
    const { count, mean, m2, m3, m4, min, max } = parseState<MomentsState>(state, 1);
    const numbers = [mean, m2, m3, m4, min, max];
    if (!Number.isSafeInteger(count) || count < 0 || !numbers.every(Number.isFinite) || m2 < 0 || m4 < 0 || min > max)
      throw new StateError(
        `Moments.fromJSON: count must be an integer ≥ 0, mean, m2 ≥ 0, m3, m4 ≥ 0, min ≤ max finite, got ${count}, ${numbers.join(", ")}`,
      );
    const restored = new Moments();
    if (count > 0) restored.#state = { version: 1, count, mean, m2, m3, m4, min, max };
    return restored;
  }

  #include(other: MomentsState): this {
    this.#state = merged(this.#state, other);
    return this;
  }
}

/** By two passes: the mean, then the deviations from it. */
function momentsOf(values: Vec): MomentsState {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    min = Math.min(min, values[i]!);
    max = Math.max(max, values[i]!);
  }
  const mean = min === max ? min : compensatedSum(values) / values.length; // equal values: no rounding, no deviation
  const deviations = Float64Array.from(values, (x) => x - mean);
  const sum = (of: (d: number) => number) => compensatedSum(deviations.map(of));
  const [m2, m3, m4] = [sum((d) => d * d), sum((d) => d * d * d), sum((d) => d * d * (d * d))]; // ** rounds by engine
  return { version: 1, count: values.length, mean, m2, m3, m4, min, max };
}

/**
 * The moments of two parts together (Chan, Golub & LeVeque 1983; third and fourth by Pébay 2008), with δ = x̄_b − x̄_a.
 *
 *   x̄  = x̄_a + δ n_b/n
 *   m₂ = m₂a + m₂b + δ² n_a n_b/n
 *   m₃ = m₃a + m₃b + δ³ n_a n_b (n_a − n_b)/n² + 3δ (n_a m₂b − n_b m₂a)/n
 *   m₄ = m₄a + m₄b + δ⁴ n_a n_b (n_a² − n_a n_b + n_b²)/n³ + 6δ² (n_a² m₂b + n_b² m₂a)/n² + 4δ (n_a m₃b − n_b m₃a)/n
 */
function merged(a: MomentsState, b: MomentsState): MomentsState {
  if (a.count === 0) return b;
  if (b.count === 0) return a;
  const n = a.count + b.count;
  const delta = b.mean - a.mean;
  const [p, q] = [a.count / n, b.count / n];
  const between = delta * delta * p * q * n; // δ² n_a n_b/n
  return {
    version: 1,
    count: n,
    mean: a.mean + delta * q,
    m2: a.m2 + b.m2 + between,
    m3: a.m3 + b.m3 + delta * between * (p - q) + 3 * delta * (p * b.m2 - q * a.m2),
    m4:
      a.m4 +
      b.m4 +
      delta * delta * between * (p * p - p * q + q * q) +
      6 * delta * delta * (p * p * b.m2 + q * q * a.m2) +
      4 * delta * (p * b.m3 - q * a.m3),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}
