import { checkBetween, checkValue } from "../checks.js";

/** Options of a rate meter. */
export interface RateMeterOptions {
  /** Milliseconds of a clock that never goes back. Default `performance.now`. */
  readonly clock?: () => number;
  /** Seconds over which `recent` looks back, and time constant of `smoothed`. Default 30. */
  readonly window?: number;
}

/** Rates of a `RateMeter`, per second; NaN before any time has passed. */
export interface Rates {
  /** All that was counted. */
  readonly total: number;
  /** Seconds since the meter was made. */
  readonly seconds: number;
  /** total/seconds */
  readonly mean: number;
  /** Σ counts of the last `window` seconds / min(window, seconds) */
  readonly recent: number;
  /** Σᵢ cᵢ e^(−(t − tᵢ)/w) / (w (1 − e^(−t/w))): recent counts weigh most, and a steady rate is met from the start. */
  readonly smoothed: number;
}

/** Counts events and says how many there are per second. */
export interface RateMeter {
  /**
   * Counts `count` events, such as the tokens of a batch, at this moment.
   *
   * @throws ValueError for a count that is not finite and ≥ 0, or a clock that went back.
   */
  add(count: number): void;
  /**
   * The rates at this moment.
   *
   * @throws ValueError for a clock that went back.
   */
  value(): Rates;
}

/**
 * Starts a meter of tokens, sequences or steps per second.
 *
 * The first interval begins here: make the meter after compiling and warming up. It remembers one entry for each call of
 * `add` within the window.
 *
 * @throws ValueError for a window that is not finite and > 0.
 */
export function rateMeter(options: RateMeterOptions = {}): RateMeter {
  const { clock = () => performance.now(), window = 30 } = options;
  checkBetween("rateMeter", "window", window, 0, Infinity);
  const start = clock();
  const entries: { readonly time: number; readonly count: number }[] = [];
  let last = 0;
  let total = 0;
  let weighted = 0; // Σ cᵢ e^(−(last − tᵢ)/w)

  const advance = () => {
    const now = (clock() - start) / 1000;
    checkValue("rateMeter", "clock", now, `at or after its last reading, ${last} s`, now >= last);
    weighted *= Math.exp((last - now) / window);
    last = now;
    while (entries.length > 0 && entries[0]!.time <= now - window) entries.shift();
    return now;
  };

  return {
    add(count) {
      checkValue("rateMeter.add", "count", count, "finite and ≥ 0", count >= 0 && count < Infinity);
      entries.push({ time: advance(), count });
      total += count;
      weighted += count;
    },
    value() {
      const seconds = advance();
      const inWindow = entries.reduce((sum, { count }) => sum + count, 0);
      return {
        total,
        seconds,
        mean: seconds > 0 ? total / seconds : NaN,
        recent: seconds > 0 ? inWindow / Math.min(window, seconds) : NaN,
        smoothed: seconds > 0 ? weighted / (-window * Math.expm1(-seconds / window)) : NaN,
      };
    },
  };
}

/**
 * Seconds until the rest is done.
 *
 *   remaining / rate
 *
 * Infinity at rate 0, 0 when nothing remains, NaN while the rate is NaN, as that of a meter that was just made.
 *
 * @throws ValueError for a remainder that is not finite and ≥ 0, or a rate < 0.
 */
export function eta(remaining: number, rate: number): number {
  checkValue("eta", "remaining", remaining, "finite and ≥ 0", remaining >= 0 && remaining < Infinity);
  checkValue("eta", "rate", rate, "≥ 0", !(rate < 0));
  return remaining === 0 ? 0 : remaining / rate;
}
