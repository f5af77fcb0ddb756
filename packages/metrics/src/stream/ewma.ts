import { parseState, StateError } from "@x/core";
import { checkBetween, checkEach, checkValue, type Vec } from "../checks.js";

/** Saved state of an `Ewma`. */
export type EwmaState = {
  readonly version: 1;
  readonly decay: number;
  readonly sum: number;
  readonly count: number;
};

/**
 * Smooths a stream of numbers by an exponentially weighted mean without the pull of its start towards 0.
 *
 *   sₜ = β sₜ₋₁ + (1 − β) xₜ,  s₀ = 0,  value = sₜ / (1 − βᵗ)
 *
 * The last 1/(1 − β) values or so have most of the weight.
 */
export class Ewma {
  readonly #decay: number;
  #sum = 0;
  #count = 0;

  /**
   * @param options - `decay`: β in (0, 1), such as 0.99.
   * @throws ValueError for a decay outside (0, 1).
   */
  constructor(options: { readonly decay: number }) {
    checkBetween("Ewma", "decay", options.decay, 0, 1);
    this.#decay = options.decay;
  }

  /**
   * Adds a value.
   *
   * @throws ValueError for a value that is not finite.
   */
  add(value: number): this {
    checkValue("Ewma.add", "value", value, "finite", Number.isFinite(value));
    this.#sum = this.#decay * this.#sum + (1 - this.#decay) * value;
    this.#count++;
    return this;
  }

  /**
   * Adds values in their order.
   *
   * @throws ValueError for a value that is not finite; then none is added.
   */
  addMany(values: Vec): this {
    checkEach("Ewma.addMany", "values", values, "finite", Number.isFinite);
    for (let i = 0; i < values.length; i++) this.add(values[i]!);
    return this;
  }

  /**
   * Adds what another accumulator has gathered, as if its values had come after those here.
   *
   *   s = β^(n_b) s_a + s_b
   *
   * @throws ValueError when the decays differ.
   */
  merge(other: Ewma): this {
    checkValue("Ewma.merge", "other.decay", other.#decay, `${this.#decay}, as here`, other.#decay === this.#decay);
    this.#sum = this.#decay ** other.#count * this.#sum + other.#sum;
    this.#count += other.#count;
    return this;
  }

  /** The smoothed value; NaN when no value was added. */
  value(): number {
    return this.#sum / -Math.expm1(this.#count * Math.log(this.#decay));
  }

  /** The state as plain JSON, for checkpoints and other workers. */
  toJSON(): EwmaState {
    return { version: 1, decay: this.#decay, sum: this.#sum, count: this.#count };
  }

  /**
   * Continues from saved state.
   *
   * @throws StateError for another version, or numbers that no accumulator can have.
   */
  static fromJSON(state: unknown): Ewma {
    const { decay, sum, count } = parseState<EwmaState>(state, 1);
    if (
      !(
        typeof decay === "number" &&
        decay > 0 &&
        decay < 1 &&
        Number.isFinite(sum) &&
        Number.isSafeInteger(count) &&
        count >= 0
      )
    )
      throw new StateError(
        `Ewma.fromJSON: decay must be in (0, 1), sum finite, count an integer ≥ 0, got ${decay}, ${sum}, ${count}`,
      );
    const restored = new Ewma({ decay });
    restored.#sum = sum;
    restored.#count = count;
    return restored;
  }
}
