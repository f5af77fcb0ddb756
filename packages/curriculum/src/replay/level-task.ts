import type { Rng } from "@x/core";

/** A level to play, and whether to learn from playing it. */
export interface LevelTask<L> {
  /** Plain JSON, so that it can be saved. */
  readonly level: L;
  /** When false, play the level to score it, but leave the policy as it is. */
  readonly train: boolean;
}

/** Makes a fresh level, of plain JSON, from nothing but the random numbers given. */
export type Generate<L> = (rng: Rng) => L;
