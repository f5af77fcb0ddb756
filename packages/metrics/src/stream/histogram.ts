import { parseState, StateError, ValueError } from "@x/core";
import { checkEach, checkFinite, checkValue, type Vec } from "../checks.js";

/** Saved state of a `Histogram`. */
export type HistogramState = {
  readonly version: 1;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
};

/** What a `Histogram` has gathered. */
export interface HistogramValue {
  /** `[bins + 1]` */
  readonly edges: Float64Array;
  /** `[bins]`: values in [edges[i], edges[i + 1]), the last bin with its upper edge, as numpy. */
  readonly counts: Float64Array;
  /** Values below the first edge. */
  readonly below: number;
  /** Values above the last edge. */
  readonly above: number;
}

/** Counts the values of a stream in bins; what falls outside all bins is counted apart. */
export class Histogram {
  readonly #edges: Float64Array;
  readonly #counts: Float64Array; // below, the bins, above

  /**
   * @param edges - `[bins + 1]`, strictly ascending.
   * @throws ValueError for fewer than two edges, or edges that are not finite and strictly ascending.
   */
  constructor(edges: Vec) {
    checkFinite("Histogram", "edges", edges);
    if (edges.length < 2)
      throw new ValueError(`Histogram: edges must be at least 2, got ${edges.length}`, {
        argument: "edges",
        value: edges.length,
      });
    for (let i = 1; i < edges.length; i++)
      checkValue("Histogram", "edges", edges[i]!, `> ${edges[i - 1]}, the edge before`, edges[i]! > edges[i - 1]!, i);
    this.#edges = Float64Array.from(edges);
    this.#counts = new Float64Array(edges.length + 1);
  }

  /**
   * Adds a value.
   *
   * @throws ValueError for NaN.
   */
  add(value: number): this {
    checkValue("Histogram.add", "value", value, "a number", !Number.isNaN(value));
    this.#counts[this.#slotOf(value)]!++;
    return this;
  }

  /**
   * Adds the values of a batch.
   *
   * @throws ValueError for NaN; then no value is added.
   */
  addMany(values: Vec): this {
    checkEach("Histogram.addMany", "values", values, "a number", (x) => !Number.isNaN(x));
    for (let i = 0; i < values.length; i++) this.#counts[this.#slotOf(values[i]!)]!++;
    return this;
  }

  /**
   * Adds what another histogram has gathered.
   *
   * @throws ValueError when the edges differ.
   */
  merge(other: Histogram): this {
    const differs = this.#edges.findIndex((edge, i) => edge !== other.#edges[i]);
    if (differs !== -1 || other.#edges.length !== this.#edges.length)
      throw new ValueError(`Histogram.merge: other.edges must be [${this.#edges}], as here, got [${other.#edges}]`, {
        argument: "other.edges",
        value: Array.from(other.#edges),
      });
    for (let slot = 0; slot < this.#counts.length; slot++) this.#counts[slot]! += other.#counts[slot]!;
    return this;
  }

  /** The counts so far. */
  value(): HistogramValue {
    const edges = this.#edges.slice();
    return { edges, counts: this.#counts.slice(1, -1), below: this.#counts[0]!, above: this.#counts.at(-1)! };
  }

  /** The state as plain JSON, for checkpoints and other workers. */
  toJSON(): HistogramState {
    return { version: 1, edges: Array.from(this.#edges), counts: Array.from(this.#counts) };
  }

  /**
   * Continues from saved state.
   *
   * @throws StateError for another version, edges that are not ascending, or counts that do not fit them.
   */
  static fromJSON(state: unknown): Histogram {
    const { edges, counts } = parseState<HistogramState>(state, 1);
    const rising = Array.isArray(edges) && edges.every((x, i) => Number.isFinite(x) && (i === 0 || x > edges[i - 1]!));
    const whole = Array.isArray(counts) && counts.every((count) => Number.isSafeInteger(count) && count >= 0);
    if (!rising || !whole || edges.length < 2 || counts.length !== edges.length + 1)
      throw new StateError(
        `Histogram.fromJSON: edges must be two or more ascending numbers, counts one more integers ≥ 0, got ${JSON.stringify({ edges, counts })}`,
      );
    const restored = new Histogram(edges);
    restored.#counts.set(counts);
    return restored;
  }

  /** How many edges are ≤ value; the last edge belongs to the last bin. */
  #slotOf(value: number): number {
    const edges = this.#edges;
    if (value === edges.at(-1)) return edges.length - 1;
    let low = 0;
    let high = edges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (edges[middle]! <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
