import { quantile } from "@x/metrics/stats";

/** What a ratio must reach for the benchmark to pass, and where the project is going. */
export interface Goal {
  /** Which ratio is the better one. Default `lower`, as for times and bytes. */
  readonly better?: "lower" | "higher";
  readonly must?: number;
  readonly aim?: number;
}

/** One ratio of a benchmark: ours ÷ peer. */
export interface Ratio {
  readonly id: string;
  readonly better: "lower" | "higher";
  /** Median of our measurements, in the unit of the row (ms unless its name has another). */
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

/** Whether the rounds of a peer stray by more than 15 %: it is no yardstick then. */
export const strays = (rounds: readonly number[]): boolean => spreadOf(rounds) > 0.15;

/** Judges interleaved rounds: the ratio of the medians against what it must reach; nothing when the peer strays. */
export function judge(id: string, ours: readonly number[], peer: readonly number[], goal: Goal = {}): Ratio {
  const { better = "lower", must, aim } = goal;
  const perRound = ours.map((value, i) => value / peer[i]!);
  const ratio = median(ours) / median(peer);
  const cannot = strays(peer);
  const bound = (value: number) => `${better === "lower" ? "≤" : "≥"} ${Number(value.toPrecision(3))}`;
  return {
    id,
    better,
    ours: median(ours),
    peer: median(peer),
    ratio,
    low: Math.min(...perRound),
    high: Math.max(...perRound),
    target: [
      must === undefined ? "reported" : bound(must),
      aim === undefined ? "" : `, aim ${bound(aim)}`,
      must !== undefined && cannot ? " (cannot judge: the peer strays)" : "",
    ].join(""),
    pass: must === undefined || cannot ? null : better === "lower" ? ratio <= must : ratio >= must,
  };
}
