import { parseState, StateError } from "@x/core";
import type { Vec } from "../checks.js";
import {
  bitsPerToken,
  checkLogprob,
  checkNll,
  meanNll,
  type NllSum,
  perplexity,
  sumNll,
  type TokenOptions,
} from "./perplexity.js";

/** Saved state of a `TokenNll`. */
export type TokenNllState = {
  readonly version: 1;
  readonly sum: number;
  readonly lost: number;
  readonly count: number;
};

/** What a `TokenNll` has gathered. */
export interface TokenNllValue extends NllSum {
  /** Nats per token. */
  readonly nll: number;
  readonly perplexity: number;
  readonly bitsPerToken: number;
}

/**
 * Gathers the negative log-likelihood of tokens, batch by batch; itself an `NllSum`.
 *
 * Additions are compensated, so that order and batch size do not matter.
 */
export class TokenNll implements NllSum {
  #sum = 0;
  #lost = 0;
  #count = 0;

  /** −Σ w·log p so far, in nats. */
  get sum(): number {
    return this.#sum + this.#lost;
  }

  /** Σ w so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds one token.
   *
   * @throws ValueError for a log-probability that is not finite or above 0.
   */
  add(logprob: number): this {
    checkLogprob("TokenNll.add", "logprob", logprob);
    return this.merge({ sum: -logprob, count: 1 });
  }

  /**
   * Adds the tokens of a batch.
   *
   * @throws ValueError as `sumNll`.
   */
  addMany(logprobs: Vec, options: TokenOptions = {}): this {
    return this.merge(sumNll(logprobs, options));
  }

  /**
   * Adds what another accumulator or any other sum has gathered.
   *
   * @throws ValueError when it is not finite or its count is negative.
   */
  merge(other: NllSum): this {
    checkNll("TokenNll.merge", other, 0);
    const { sum, count } = other;
    const next = this.#sum + sum;
    this.#lost += Math.abs(this.#sum) >= Math.abs(sum) ? this.#sum - next + sum : sum - next + this.#sum;
    this.#sum = next;
    this.#count += count;
    return this;
  }

  /**
   * The figures so far.
   *
   * @throws ValueError when no token was added.
   */
  value(): TokenNllValue {
    const { sum, count } = this;
    return { sum, count, nll: meanNll(this), perplexity: perplexity(this), bitsPerToken: bitsPerToken(this) };
  }

  /** The state as plain JSON, for checkpoints and other workers. */
  toJSON(): TokenNllState {
    return { version: 1, sum: this.#sum, lost: this.#lost, count: this.#count };
  }

  /**
   * Continues from saved state.
   *
   * @throws StateError for another version, or numbers that no accumulator can have.
   */
  static fromJSON(state: unknown): TokenNll {
    const { sum, lost, count } = parseState<TokenNllState>(state, 1);
    if (![sum, lost, count].every(Number.isFinite) || count < 0)
      throw new StateError(
        `TokenNll.fromJSON: sum, lost and count must be finite numbers, count ≥ 0, got ${sum}, ${lost}, ${count}`,
      );
    const restored = new TokenNll();
    restored.#sum = sum;
    restored.#lost = lost;
    restored.#count = count;
    return restored;
  }
}
