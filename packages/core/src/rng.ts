import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { StateError, ValueError } from "./errors.js";

/** The four 32-bit words of the generator; plain JSON. */
export type RngState = { readonly algorithm: "xoroshiro128plus"; readonly words: readonly number[] };

/** A seeded stream of random numbers. Every draw advances the stream; `split` and `state` do not. */
export interface Rng {
  /** Uniform in [0, 1), 53 bits. */
  float(): number;
  /** Uniform integer in 0 … bound − 1, unbiased; 1 ≤ bound ≤ 2³². */
  int(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** An index drawn in proportion to `weights`, which are ≥ 0 and not all 0. */
  categorical(weights: ArrayLike<number>): number;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** A 31-bit seed for a tensor operation or another library. */
  seed(): number;
  /** An independent stream named by `label`: same stream position, same label, same stream. */
  split(label: string): Rng;
  /** The state from which `createRng` continues this very stream. */
  state(): RngState;
}

/**
 * Starts a stream of random numbers (xoroshiro128+).
 *
 * @param seed - a finite number, a string (`1` and `"1"` are different seeds), or the state of another stream.
 * @throws ValueError for a number that is not finite.
 * @throws StateError for a state of another algorithm, or whose words are not four 32-bit integers.
 */
export function createRng(seed: number | string | RngState): Rng {
  if (typeof seed !== "number" && typeof seed !== "string") return stream(checkedWords(seed));
  if (typeof seed === "number" && !Number.isFinite(seed))
    throw new ValueError(`createRng: seed must be finite, got ${seed}`, { argument: "seed", value: seed });
  return stream(hashWords([0, 0, 0, 0], `${typeof seed}:${seed}`));
}

function stream(words: readonly number[]): Rng {
  const generator = xoroshiro128plusFromState(words);
  const uint32 = () => generator.next() >>> 0;
  const float = () => ((uint32() >>> 5) * 0x4000000 + (uint32() >>> 6)) / 0x20000000000000;

  const int = (bound: number) => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 0x100000000)
      throw new ValueError(`Rng.int: bound must be an integer in [1, 2^32], got ${bound}`, {
        argument: "bound",
        value: bound,
      });
    // Equal intervals of the 32-bit range; what is left over at its end is drawn again. The high bits are the good ones.
    const width = Math.floor(0x100000000 / bound);
    let draw = uint32();
    while (draw >= width * bound) draw = uint32();
    return Math.floor(draw / width);
  };

  return {
    float,
    int,
    normal: () => Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float()),
    categorical(weights) {
      let total = 0;
      for (let i = 0; i < weights.length; i++) {
        const w = weights[i]!;
        if (!(w >= 0 && w < Number.POSITIVE_INFINITY))
          throw new ValueError(`Rng.categorical: weights[${i}] must be finite and ≥ 0, got ${w}`, {
            argument: "weights",
            index: i,
            value: w,
          });
        total += w;
      }
      if (!(total > 0 && total < Number.POSITIVE_INFINITY))
        throw new ValueError(`Rng.categorical: weights must have a positive, finite sum, got ${total}`, {
          argument: "weights",
          value: total,
        });
      const target = float() * total;
      let sum = 0;
      let last = 0;
      for (let i = 0; i < weights.length; i++) {
        if (weights[i]! === 0) continue;
        sum += weights[i]!;
        last = i;
        if (target < sum) return i;
      }
      return last;
    },
    shuffle<T>(items: readonly T[]): T[] {
      const copy = items.slice();
      for (let i = copy.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [copy[i], copy[j]] = [copy[j]!, copy[i]!];
      }
      return copy;
    },
    seed: () => uint32() >>> 1,
    split: (label) => stream(hashWords(generator.getState(), label)),
    state: () => ({ algorithm: "xoroshiro128plus", words: [...generator.getState()] }),
  };
}

function checkedWords(state: RngState): readonly number[] {
  if (state?.algorithm !== "xoroshiro128plus")
    throw new StateError(`createRng: algorithm must be "xoroshiro128plus", got ${JSON.stringify(state?.algorithm)}`);
  const { words } = state;
  if (
    !Array.isArray(words) ||
    words.length !== 4 ||
    !words.every((w) => Number.isInteger(w) && w === (w | 0)) ||
    words.every((w) => w === 0)
  )
    throw new StateError(`createRng: words must be four int32, not all 0, got ${JSON.stringify(words)}`);
  return words;
}

/** Absorbs a string into four words: one multiply-xor-rotate lane each, lanes crossed at the end (murmur3's finaliser). */
function hashWords(words: readonly number[], text: string): readonly number[] {
  const h = [words[0]! ^ 0x9e3779b9, words[1]! ^ 0x243f6a88, words[2]! ^ 0xb7e15162, words[3]! ^ 0x1b873593];
  const lane = [0x85ebca6b, 0xc2b2ae35, 0xcc9e2d51, 0x27d4eb2f];
  for (let i = 0; i <= text.length; i++) {
    const unit = i < text.length ? text.charCodeAt(i) : 0x10000 + text.length;
    for (let k = 0; k < 4; k++) {
      const mixed = Math.imul(h[k]! ^ unit, lane[k]!);
      h[k] = Math.imul((mixed << 13) | (mixed >>> 19), 5) + h[(k + 1) & 3]!;
    }
  }
  for (let round = 0; round < 2; round++) for (let k = 0; k < 4; k++) h[k] = (finalise(h[k]!) + h[(k + 3) & 3]!) | 0;
  return h.every((w) => w === 0) ? [1, 0, 0, 0] : h.map((w) => w | 0);
}

function finalise(word: number): number {
  let w = word ^ (word >>> 16);
  w = Math.imul(w, 0x85ebca6b);
  w ^= w >>> 13;
  w = Math.imul(w, 0xc2b2ae35);
  return w ^ (w >>> 16);
}
