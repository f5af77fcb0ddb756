import { parseState, StateError, ValueError } from "@x/core";
import { checkEach, checkFilled, checkInteger, checkLength, type Vec } from "../checks.js";

/** Saved state of a `BinnedRocAuc`: for each bin, lowest scores first, the examples of each label. */
export type BinnedRocAucState = {
  readonly version: 1;
  readonly positives: readonly number[];
  readonly negatives: readonly number[];
};

/** What a `BinnedRocAuc` has gathered. */
export interface BinnedRocAucValue {
  /** NaN until both labels were seen. */
  readonly auc: number;
  /** The area of the scores themselves is in auc ± margin. */
  readonly margin: number;
  /** Examples of label 1. */
  readonly positives: number;
  /** Examples of label 0. */
  readonly negatives: number;
}

/**
 * Gathers the area under the ROC curve of a stream in memory that does not grow. Scores in one of the equal bins of [0, 1]
 * count as equal:
 *
 *   AUC = Σ_b p_b (Σ_{a<b} n_a + ½ n_b) / (P N),  margin = ½ Σ_b p_b n_b / (P N)
 *
 * with p_b positives and n_b negatives in bin b, P and N in all.
 */
export class BinnedRocAuc {
  readonly #positives: Float64Array;
  readonly #negatives: Float64Array;

  /**
   * @param options - `bins`: default 1000.
   * @throws ValueError when `bins` is no integer ≥ 2.
   */
  constructor(options: { readonly bins?: number } = {}) {
    const { bins = 1000 } = options;
    checkInteger("BinnedRocAuc", "bins", bins, 2);
    this.#positives = new Float64Array(bins);
    this.#negatives = new Float64Array(bins);
  }

  /**
   * Adds one example.
   *
   * @throws ValueError for a label other than 0 and 1, or a score outside [0, 1].
   */
  add(yTrue: number, yScore: number): this {
    return this.addMany([yTrue], [yScore]);
  }

  /**
   * Adds the examples of a batch, all or, when one is refused, none.
   *
   * @throws ValueError as `add`, for empty lists or lists of different lengths.
   */
  addMany(yTrue: Vec, yScore: Vec): this {
    checkFilled("BinnedRocAuc.addMany", "yTrue", yTrue);
    checkLength("BinnedRocAuc.addMany", "yScore", yScore, "yTrue", yTrue.length);
    checkEach("BinnedRocAuc.addMany", "yTrue", yTrue, "0 or 1", (y) => y === 0 || y === 1);
    checkEach("BinnedRocAuc.addMany", "yScore", yScore, "in [0, 1]", (score) => score >= 0 && score <= 1);
    const bins = this.#positives.length;
    for (let i = 0; i < yTrue.length; i++) {
      const bin = Math.min(Math.floor(yScore[i]! * bins), bins - 1);
      (yTrue[i] === 1 ? this.#positives : this.#negatives)[bin]!++;
    }
    return this;
  }

  /**
   * Adds what another accumulator has gathered.
   *
   * @throws ValueError when it has another number of bins.
   */
  merge(other: BinnedRocAuc): this {
    const bins = other.#positives.length;
    if (bins !== this.#positives.length)
      throw new ValueError(`BinnedRocAuc.merge: other must have ${this.#positives.length} bins, got ${bins}`, {
        argument: "other",
        value: bins,
      });
    for (let b = 0; b < bins; b++) {
      this.#positives[b]! += other.#positives[b]!;
      this.#negatives[b]! += other.#negatives[b]!;
    }
    return this;
  }

  /** The figures so far. */
  value(): BinnedRocAucValue {
    let positives = 0;
    let negatives = 0;
    let above = 0;
    let tied = 0;
    this.#positives.forEach((p, bin) => {
      const n = this.#negatives[bin]!;
      above += p * negatives;
      tied += p * n;
      positives += p;
      negatives += n;
    });
    const pairs = positives * negatives;
    return { auc: (above + tied / 2) / pairs, margin: tied / 2 / pairs, positives, negatives };
  }

  /** The state as plain JSON, for checkpoints and other workers. */
  toJSON(): BinnedRocAucState {
    return { version: 1, positives: [...this.#positives], negatives: [...this.#negatives] };
  }

  /**
   * Continues from saved state.
   *
   * @throws StateError for another version, or counts that no accumulator can have.
   */
  static fromJSON(state: unknown): BinnedRocAuc {
    const { positives, negatives } = parseState<BinnedRocAucState>(state, 1);
    const areCounts = (counts: readonly number[]) =>
      Array.isArray(counts) && counts.length >= 2 && counts.every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!areCounts(positives) || !areCounts(negatives) || positives.length !== negatives.length)
      throw new StateError("BinnedRocAuc.fromJSON: positives and negatives must be lists of as many counts ≥ 0");
    const restored = new BinnedRocAuc({ bins: positives.length });
    restored.#positives.set(positives);
    restored.#negatives.set(negatives);
    return restored;
  }
}
