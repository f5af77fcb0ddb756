import { quantile } from "@x/metrics/stats";

/** One ratio of a benchmark: ours ÷ peer, lower is better. */
export interface Ratio {
  readonly id: string;
  /** Median of our measurements, in the unit of the benchmark (ms or bytes). */
  readonly ours: number;
  readonly peer: number;
  readonly ratio: number;
  /** The lowest and highest ratio over the interleaved rounds. */
  readonly low: number;
  readonly high: number;
  readonly target: string;
  /** `null` when only reported, or when the peer's own spread forbids a judgement. */
  readonly pass: boolean | null;
}

/** A benchmark: interleaved rounds of ours and the peer in one run. */
export interface Benchmark {
  readonly name: string;
  run(context: {
    readonly say: (line: string) => void;
  }): Promise<{ readonly ratios: readonly Ratio[]; readonly spread: number }>;
}

/** The middle value; the mean of the two middle ones for an even count. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Half the range of the rounds over their median: how far one side's own measurements stray. */
export const spreadOf = (rounds: readonly number[]): number =>
  (Math.max(...rounds) - Math.min(...rounds)) / 2 / median(rounds);

/**
 * Judges interleaved rounds: the ratio of the medians against `atMost`.
 *
 * A peer whose rounds stray by more than 15 % is no yardstick: nothing is judged then.
 */
export function judge(id: string, ours: readonly number[], peer: readonly number[], atMost?: number): Ratio {
  const perRound = ours.map((value, i) => value / peer[i]!);
  const ratio = median(ours) / median(peer);
  const cannot = spreadOf(peer) > 0.15;
  return {
    id,
    ours: median(ours),
    peer: median(peer),
    ratio,
    low: Math.min(...perRound),
    high: Math.max(...perRound),
    target:
      atMost === undefined
        ? "reported"
        : `≤ ${Number(atMost.toPrecision(3))}${cannot ? " (cannot judge: the peer strays)" : ""}`,
    pass: atMost === undefined || cannot ? null : ratio <= atMost,
  };
}
