import { createRng, type Json, parseState, type Rng, type RngState, StateError } from "@x/core";
import { checkInteger, checkValue } from "../checks.js";

/** Saved state of a `Reservoir`. */
export type ReservoirState<T extends Json> = {
  readonly version: 1;
  readonly capacity: number;
  readonly count: number;
  readonly items: readonly T[];
  readonly rng: RngState;
};

/**
 * Keeps a uniform random sample of a stream: every set of `capacity` items is as likely as any other (Vitter 1985, R).
 *
 *   item t replaces a random one of the sample with probability capacity/t
 */
export class Reservoir<T extends Json> {
  readonly #capacity: number;
  #rng: Rng;
  #items: T[] = [];
  #count = 0;

  /**
   * @param options - `capacity`: size of the sample; `seed`: default 0.
   * @throws ValueError for a capacity that is not an integer ≥ 1.
   */
  constructor(options: { readonly capacity: number; readonly seed?: number | string }) {
    checkInteger("Reservoir", "capacity", options.capacity, 1);
    this.#capacity = options.capacity;
    this.#rng = createRng(options.seed ?? 0);
  }

  /** Adds an item. */
  add(item: T): this {
    this.#count++;
    if (this.#items.length < this.#capacity) this.#items.push(item);
    else {
      const place = Math.floor(this.#rng.float() * this.#count);
      if (place < this.#capacity) this.#items[place] = item;
    }
    return this;
  }

  /** Adds items in their order. */
  addMany(items: readonly T[]): this {
    for (const item of items) this.add(item);
    return this;
  }

  /**
   * Makes this a uniform sample of both streams, by drawing without replacement from either in proportion to the items it
   * stands for. The sample is as good as that of the joined streams, but not the same items.
   *
   * @throws ValueError when the capacities differ.
   */
  merge(other: Reservoir<T>): this {
    const same = other.#capacity === this.#capacity;
    checkValue("Reservoir.merge", "other.capacity", other.#capacity, `${this.#capacity}, as here`, same);
    const ours = this.#rng.shuffle(this.#items);
    const theirs = this.#rng.shuffle(other.#items);
    let [oursLeft, theirsLeft] = [this.#count, other.#count];
    const items: T[] = [];
    while (items.length < this.#capacity && oursLeft + theirsLeft > 0)
      if (theirsLeft === 0 || this.#rng.float() * (oursLeft + theirsLeft) < oursLeft) {
        items.push(ours.pop()!);
        oursLeft--;
      } else {
        items.push(theirs.pop()!);
        theirsLeft--;
      }
    this.#items = items;
    this.#count += other.#count;
    return this;
  }

  /** The sample, in no order that means anything, and the number of items it was drawn from. */
  value(): { readonly items: readonly T[]; readonly count: number } {
    return { items: this.#items.slice(), count: this.#count };
  }

  /** The state as plain JSON, generator included, for checkpoints and other workers. */
  toJSON(): ReservoirState<T> {
    return {
      version: 1,
      capacity: this.#capacity,
      count: this.#count,
      items: this.#items.slice(),
      rng: this.#rng.state(),
    };
  }

  /**
   * Continues from saved state, with the draws that would have come.
   *
   * @throws StateError for another version, a sample whose size does not fit, or the state of another generator.
   */
  static fromJSON<T extends Json>(state: unknown): Reservoir<T> {
    const { capacity, count, items, rng } = parseState<ReservoirState<T>>(state, 1);
    const sized = Number.isSafeInteger(capacity) && capacity >= 1 && Number.isSafeInteger(count) && count >= 0;
    if (!sized || !Array.isArray(items) || items.length !== Math.min(capacity, count))
      throw new StateError(
        `Reservoir.fromJSON: capacity must be an integer ≥ 1 and items min(capacity, count), got ${capacity}, ${count} and ${items?.length} items`,
      );
    if (typeof rng !== "object" || rng === null)
      throw new StateError(`Reservoir.fromJSON: rng must be the state of a generator, got ${rng}`);
    const restored = new Reservoir<T>({ capacity });
    restored.#rng = createRng(rng);
    restored.#items = items.slice();
    restored.#count = count;
    return restored;
  }
}
