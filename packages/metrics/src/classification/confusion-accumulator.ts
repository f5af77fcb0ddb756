import { parseState, StateError, ValueError } from "@x/core";
import type { Vec } from "../checks.js";
import { type Confusion, countPairs } from "./confusion-matrix.js";
import { checkDistinct } from "./examples.js";

/** Saved state of a `ConfusionMatrix`. */
export type ConfusionMatrixState = {
  readonly version: 1;
  readonly labels: readonly number[];
  readonly counts: readonly number[];
};

/** Gathers true against predicted labels, batch by batch; `value()` goes into `accuracy`, `fBeta`, `mcc` and the others. */
export class ConfusionMatrix {
  readonly #labels: readonly number[];
  readonly #counts: Float64Array;

  /**
   * @param labels - all that can occur, distinct integers.
   * @throws ValueError for no labels, one that is no integer, or one given twice.
   */
  constructor(labels: Vec) {
    checkDistinct("ConfusionMatrix", labels);
    this.#labels = Array.from(labels);
    this.#counts = new Float64Array(labels.length ** 2);
  }

  /**
   * Adds one example.
   *
   * @throws ValueError for a label that was not announced.
   */
  add(yTrue: number, yPred: number): this {
    return this.addMany([yTrue], [yPred]);
  }

  /**
   * Adds the examples of a batch, all or, when one is refused, none.
   *
   * @throws ValueError as `add`, for empty lists or lists of different lengths.
   */
  addMany(yTrue: Vec, yPred: Vec): this {
    return this.#addCounts(countPairs("ConfusionMatrix.addMany", yTrue, yPred, { labels: this.#labels }).counts);
  }

  /**
   * Adds what another accumulator has gathered.
   *
   * @throws ValueError when its labels are others or in another order.
   */
  merge(other: ConfusionMatrix): this {
    if (other.#labels.join() !== this.#labels.join())
      throw new ValueError(`ConfusionMatrix.merge: other must have the labels ${this.#labels}, got ${other.#labels}`, {
        argument: "other",
        value: other.#labels,
      });
    return this.#addCounts(other.#counts);
  }

  /** The counts so far. */
  value(): Confusion {
    return { labels: this.#labels, counts: this.#counts.slice() };
  }

  /** The state as plain JSON, for checkpoints and other workers. */
  toJSON(): ConfusionMatrixState {
    return { version: 1, labels: this.#labels, counts: [...this.#counts] };
  }

  /**
   * Continues from saved state.
   *
   * @throws StateError for another version, or labels and counts that no accumulator can have.
   */
  static fromJSON(state: unknown): ConfusionMatrix {
    const { labels, counts } = parseState<ConfusionMatrixState>(state, 1);
    const fits =
      Array.isArray(labels) &&
      labels.length > 0 &&
      labels.every(Number.isInteger) &&
      new Set(labels).size === labels.length &&
      Array.isArray(counts) &&
      counts.length === labels.length ** 2 &&
      counts.every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!fits)
      throw new StateError("ConfusionMatrix.fromJSON: labels must be C distinct integers and counts C² integers ≥ 0");
    return new ConfusionMatrix(labels).#addCounts(counts);
  }

  #addCounts(counts: Vec): this {
    for (let cell = 0; cell < counts.length; cell++) this.#counts[cell]! += counts[cell]!;
    return this;
  }
}
