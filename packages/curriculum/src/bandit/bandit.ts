import type { SignalKind } from "../teacher/signal.js";
import type { Diagnostics, Teacher } from "../teacher/teacher.js";

/** What every bandit is told when it is made. */
export interface BanditOptions {
  /** Names of the arms, each once; their order is the order of every array that speaks of arms. */
  readonly arms: readonly string[];
  readonly seed: number | string;
  /** What counts as a sign of learning. Default `abs-advantage`. */
  readonly signal?: SignalKind;
  /** ε, the share of draws that fall on all arms alike: p ← (1 − ε) p + ε / K. Default 0. */
  readonly epsilonUniform?: number;
  /** Simulations only: the expected signal of every arm at a ticket. With it `diagnostics` tell the regret. */
  readonly means?: (ticket: number) => ArrayLike<number>;
}

/** Options of a bandit that learns from signals in [0, 1]. */
export interface UnitBanditOptions extends BanditOptions {
  /**
   * Maps signals from [low, high] to [0, 1] and clips what lies outside. Without it a signal outside [0, 1] is refused;
   * `abs-advantage` of binary rewards, of groups of two or more, needs none.
   */
  readonly rescale?: { readonly low: number; readonly high: number };
}

/** What a bandit can say about itself; the arrays are in the order of `arms`. */
export interface BanditDiagnostics extends Diagnostics {
  /** Results told. */
  readonly counts: readonly number[];
  /** Tells since an arm last had a result; for an arm that never had one, all of them. */
  readonly staleness: readonly number[];
  /** Share of the arms that ever had a result. */
  readonly coverage: number;
  /** −Σ p ln p of the next draw, in nats. */
  readonly entropy: number;
  /** exp(entropy): how many arms, all alike, would be as hard to foretell. */
  readonly effectiveArms: number;
  /** What the told draws lost against the best single arm and against the best arm of each ticket; only with `means`. */
  readonly regret?: Regret;
}

/** Expected signal lost, summed over draws. */
export interface Regret {
  /** max_k Σₜ μ_k(t) − Σₜ μ_{aₜ}(t) */
  readonly pseudo: number;
  /** Σₜ max_k μ_k(t) − Σₜ μ_{aₜ}(t) */
  readonly dynamic: number;
}

/**
 * A teacher that chooses among named arms. A tell is one step of the bandit, however many results it brings: the results
 * of one arm are put together into one update.
 *
 * The `probability` of a ticket is that of the draw itself, given all that came before it. Where a method picks an arm by
 * a rule or by its own dice (UCB, Thompson), that is 1 − ε + ε/K for the arm it picked and ε/K for the others, so that
 * importance weights are unbiased only with `epsilonUniform` ε > 0.
 */
export interface Bandit extends Teacher<string, BanditDiagnostics> {
  readonly arms: readonly string[];
  /** The probability of every arm in the next draw. */
  probabilities(): Float64Array;
  /** What the method makes of every arm: an estimate of its signal unless the method says otherwise. */
  values(): Float64Array;
}
