import { checkEach, checkFilled, checkValue } from "../checks.js";
import { type AllocateOptions, allocate, checkSize } from "./neyman.js";

/** What is known of each prompt. */
export interface GvmEstimates {
  /** G: norm of the gradient of −log π over accepted answers, root mean square (the official code takes the mean). */
  readonly gradNorm: ArrayLike<number>;
  /** p: probability that a drawn answer is accepted. */
  readonly acceptRate: ArrayLike<number>;
}

/** The discount on prompts that are hardly ever solved. */
export interface GvmPenalty {
  /** α, default 1e-3. */
  readonly alpha?: number;
  /** β, default 2. */
  readonly beta?: number;
}

/**
 * The variance that GVM lays to each prompt: the bound G²/p on that of the rejection sampling gradient, times a weight
 * that fades prompts out whose rate is below α^(1/β).
 *
 *   aᵢ = Gᵢ²/pᵢ · 1/(1 + α/pᵢ^β) = Gᵢ² / (pᵢ + α·pᵢ^(1−β)),   0 where Gᵢ or pᵢ is 0
 *
 * @throws ValueError for lists of different length, a norm outside [0, 1e100], a rate outside [0, 1], and
 * α or β that are negative or not finite.
 * @paper 2505.02391 variance of the gradient
 */
export function gvmVariance(estimates: GvmEstimates, penalty: GvmPenalty = {}): number[] {
  return varianceOf("gvmVariance", estimates, penalty);
}

/**
 * Gives draws to prompts in inverse proportion to how surely they teach,
 *
 *   nᵢ ∝ √aᵢ = Gᵢ / √(pᵢ + α·pᵢ^(1−β)),
 *
 * within the bounds, by `neymanAllocate`. With `budget: 1, rounding: "none"` it is the ratio of the official code. Known
 * rates should be smoothed and every prompt have a minimum: where p = 0 was measured on a few draws the plain rule draws
 * no more. `createAllocationTracker` does both.
 *
 * Differs from the paper: RLHFlow/GVM `em/stage_2_calc_sample_size.py` divides by 0 when no prompt has G > 0 and p > 0,
 * here all get the same; it rounds half to even and repairs the sum, here largest remainders.
 *
 * @throws ValueError as `gvmVariance` and `neymanAllocate`.
 * @paper 2505.02391 dynamic sample allocation
 */
export function gvmAllocate(estimates: GvmEstimates, options: AllocateOptions & GvmPenalty): number[] {
  return allocate("gvmAllocate", varianceOf("gvmAllocate", estimates, options), options);
}

function varianceOf(caller: string, { gradNorm, acceptRate }: GvmEstimates, penalty: GvmPenalty): number[] {
  const { alpha = 1e-3, beta = 2 } = penalty;
  checkFilled(caller, "gradNorm", gradNorm);
  checkSize(caller, "acceptRate", acceptRate, gradNorm.length);
  checkEach(caller, "gradNorm", gradNorm, "in [0, 1e100]", (G) => G >= 0 && G <= 1e100);
  checkEach(caller, "acceptRate", acceptRate, "in [0, 1]", (p) => p >= 0 && p <= 1);
  checkValue(caller, "alpha", alpha, "finite and ≥ 0", alpha >= 0 && alpha < Infinity);
  checkValue(caller, "beta", beta, "finite and ≥ 0", beta >= 0 && beta < Infinity);
  return Array.from(gradNorm, (G, i) => {
    const p = acceptRate[i]!;
    return G === 0 || p === 0 ? 0 : G ** 2 / (p + alpha * p ** (1 - beta));
  });
}
