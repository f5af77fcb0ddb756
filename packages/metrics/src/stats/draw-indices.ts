import type { Rng } from "@x/core";

/**
 * Writes uniform integers below `bound`: as many digits in base `bound` as a 31-bit number has, for one draw.
 *
 * @param bound - at most 2³⁰.
 */
export function drawIndices(rng: Rng, bound: number, out: Int32Array): void {
  let digits = 1;
  let range = bound;
  for (; range * bound < 2 ** 31; digits++) range *= bound;
  const inverse = 1 / bound;
  let [word, left] = [0, 0];
  for (let i = 0; i < out.length; i++) {
    if (left === 0) [word, left] = [rng.int(range), digits];
    const rest = ((word + 0.5) * inverse) | 0; // ⌊word / bound⌋: the half is more than the product can be off
    out[i] = word - rest * bound;
    word = rest;
    left--;
  }
}
