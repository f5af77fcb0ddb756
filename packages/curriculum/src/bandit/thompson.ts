import type { Rng } from "@x/core";
import { checkPositive, checkValue } from "../checks.js";
import type { TeacherState } from "../teacher/teacher.js";
import type { Bandit, BanditOptions, UnitBanditOptions } from "./bandit.js";
import { bestArmProbabilities } from "./best-arm.js";
import { checkDiscount } from "./checks.js";
import { countArms, createBandit, type Policy } from "./create-bandit.js";
import { drawGamma, logOddsVariate } from "./draw.js";

/** Beliefs before the first result, about signals in [0, 1]. */
export interface BetaPrior {
  /** a > 0 and b > 0. Default 1 and 1. */
  readonly successes: number;
  readonly failures: number;
}

/** Beliefs before the first result, about signals of unknown mean and variance, in their unit: the defaults fit signals of size 1. */
export interface GaussianPrior {
  /** μ₀, the mean, and κ₀ > 0, how many results it is worth. Default 0 and 1. */
  readonly mean: number;
  readonly strength: number;
  /** α₀ > 0 and β₀ > 0: precision ~ Gamma(α₀, rate β₀). Default 1 and 1. */
  readonly shape: number;
  readonly rate: number;
}

/** Options of `createThompson`. */
export type ThompsonOptions = BanditOptions & {
  /** γ in (0, 1]: what a result is worth after another tell; below 1 all beliefs go back to the prior. Default 1. */
  readonly discount?: number;
} & (
    | ({ readonly posterior?: "beta"; readonly prior?: Partial<BetaPrior> } & Pick<UnitBanditOptions, "rescale">)
    | { readonly posterior: "gaussian"; readonly prior?: Partial<GaussianPrior> }
  );

/**
 * Thompson sampling: draw a mean for every arm from what is believed of it, and take the arm of the largest.
 *
 * - `beta` (default), signals in [0, 1], fractions allowed:  mean_k ~ Beta(a + Σ x, b + Σ (1 − x))
 * - `gaussian`, any signals:  λ ~ Gamma(α, β), mean_k ~ N(μ, 1/(κ λ)) with, of n results of mean x̄,
 *   κ = κ₀ + n, μ = (κ₀ μ₀ + n x̄)/κ, α = α₀ + n/2, β = β₀ + ½ Σ (x − x̄)² + κ₀ n (x̄ − μ₀)²/(2κ)
 *
 * Sums fade by γ with every tell. `probabilities` are those of a mean being the largest, by numerical integration (about
 * 1e-6); `values` are the expected means.
 *
 * @throws ValueError for an option outside its range.
 */
export function createThompson(options: ThompsonOptions, saved?: TeacherState<string>): Bandit {
  const type = "createThompson";
  const K = countArms(type, options);
  const { discount = 1, posterior = "beta" } = options;
  checkDiscount(type, discount);
  const known = posterior === "beta" || posterior === "gaussian";
  checkValue(type, "posterior", posterior, '"beta" or "gaussian"', known);
  if (options.posterior === "gaussian") {
    const prior = { mean: 0, strength: 1, shape: 1, rate: 1, ...options.prior };
    checkValue(type, "prior.mean", prior.mean, "in [-1e100, 1e100]", Math.abs(prior.mean) <= 1e100);
    for (const name of ["strength", "shape", "rate"] as const) checkPositive(type, `prior.${name}`, prior[name]);
    const own = { discount, posterior, prior };
    return createBandit({ type, options, own, policy: gaussian(K, prior, discount), saved });
  }
  const prior = { successes: 1, failures: 1, ...options.prior };
  for (const name of ["successes", "failures"] as const) checkPositive(type, `prior.${name}`, prior[name]);
  const own = { discount, posterior, prior };
  return createBandit({ type, options, own, policy: beta(K, prior, discount), unit: true, saved });
}

function beta(K: number, prior: BetaPrior, discount: number): Policy {
  const [successes, failures] = [new Float64Array(K), new Float64Array(K)];
  const a = (k: number) => prior.successes + successes[k]!;
  const b = (k: number) => prior.failures + failures[k]!;
  return {
    state: { successes, failures },
    pick: (rng) => largest(K, (k) => logOddsVariate(rng, a(k), b(k))),
    // In z = ln(x / (1 − x)) the density is x^a (1 − x)^b: smooth, however small a and b.
    probabilities: (p) =>
      bestArmProbabilities(
        Array.from({ length: K }, (_, k) => ({
          centre: Math.log(a(k) / b(k)),
          width: Math.sqrt(1 / a(k) + 1 / b(k)),
          logDensity: (z) => -a(k) * softplus(-z) - b(k) * softplus(z),
        })),
        p,
      ),
    values: () => successes.map((_, k) => a(k) / (a(k) + b(k))),
    learn({ played, counts, sums }) {
      for (let k = 0; k < K; k++) {
        successes[k]! *= discount;
        failures[k]! *= discount;
      }
      for (const k of played) {
        successes[k]! += sums[k]!;
        failures[k]! += counts[k]! - sums[k]!;
      }
    },
  };
}

function gaussian(K: number, prior: GaussianPrior, discount: number): Policy {
  const { mean: mu0, strength: kappa0, shape: alpha0, rate: beta0 } = prior;
  // n results of an arm, their mean and the sum of their squared distances from it (Welford's recursion).
  const [n, mean, squares] = [new Float64Array(K), new Float64Array(K), new Float64Array(K)];
  const posterior = (k: number) => {
    const kappa = kappa0 + n[k]!;
    return {
      kappa,
      mu: (kappa0 * mu0 + n[k]! * mean[k]!) / kappa,
      alpha: alpha0 + n[k]! / 2,
      beta: beta0 + squares[k]! / 2 + (kappa0 * n[k]! * (mean[k]! - mu0) ** 2) / (2 * kappa),
    };
  };
  function draw(rng: Rng, k: number): number {
    const { mu, kappa, alpha, beta } = posterior(k);
    return mu + rng.normal() * Math.sqrt(beta / (kappa * drawGamma(rng, alpha)));
  }
  return {
    state: { n, mean, squares },
    pick: (rng) => largest(K, (k) => draw(rng, k)),
    // Student's t of 2α degrees of freedom around μ, scale √(β / (α κ)).
    probabilities: (p) =>
      bestArmProbabilities(
        Array.from({ length: K }, (_, k) => {
          const { mu, kappa, alpha, beta } = posterior(k);
          // No narrower than numbers around μ can tell apart.
          const width = Math.max(Math.sqrt(beta / (alpha * kappa)), 1e-12 * Math.abs(mu));
          const logDensity = (x: number) => -(alpha + 0.5) * Math.log1p(((x - mu) / width) ** 2 / (2 * alpha));
          return { centre: mu, width, logDensity };
        }),
        p,
      ),
    values: () => n.map((_, k) => posterior(k).mu),
    learn({ plays }) {
      for (let k = 0; k < K; k++) {
        n[k]! *= discount;
        squares[k]! *= discount;
      }
      for (const { arm, signal } of plays) {
        n[arm]!++;
        const off = signal - mean[arm]!;
        mean[arm]! += off / n[arm]!;
        squares[arm]! += off * (signal - mean[arm]!);
      }
    },
  };
}

/** The arm of which `of` is largest. */
function largest(K: number, of: (arm: number) => number): number {
  let best = 0;
  let max = -Infinity;
  for (let k = 0; k < K; k++) {
    const value = of(k);
    if (value > max) best = k;
    max = Math.max(max, value);
  }
  return best;
}

/** ln (1 + exp(z)) */
function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}
