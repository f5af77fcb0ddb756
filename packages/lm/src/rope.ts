import type { LmConfig } from "./config.js";

/**
 * The angular frequencies of the rotary position embedding, in radians a token.
 *
 *   ωⱼ = θ^(−2j/D),  j = 0 … D/2 − 1
 *
 * `linear`: ω / factor. `llama3`, with the wavelength λ = 2π/ω and the blend
 * s = clamp((original/λ − low) / (high − low), 0, 1): ω · (s + (1 − s) / factor).
 *
 * @returns `[headDim / 2]`
 * @paper 2104.09864 eq. 15
 */
export function ropeFrequencies(
  { headDim }: LmConfig,
  { theta, scaling }: NonNullable<LmConfig["rope"]>,
): Float32Array {
  return Float32Array.from({ length: headDim / 2 }, (_, j) => {
    const omega = theta ** ((-2 * j) / headDim);
    if (scaling === null) return omega;
    if (scaling.type === "linear") return omega / scaling.factor;
    const { factor, lowFreqFactor: low, highFreqFactor: high, originalMaxPositions } = scaling;
    const turns = (originalMaxPositions * omega) / (2 * Math.PI);
    const kept = Math.min(Math.max((turns - low) / (high - low), 0), 1);
    return omega * (kept + (1 - kept) / factor);
  });
}
