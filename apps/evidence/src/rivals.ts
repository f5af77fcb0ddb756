import { type Goal, judge, median, type Ratio, spreadOf, strays } from "./benchmark.js";
import { assertSame } from "./calls.js";
import { interleave } from "./rounds.js";
import { startWorker, type Worker } from "./worker.js";

/** What a worker of ours is compared with. */
export interface Rival {
  readonly id: string;
  readonly worker: Worker;
  readonly goal: Goal;
}

/** Huge pages for what malloc gives, and blocks that stay with the process (glibc 2.35 or newer). */
const hugePages = {
  GLIBC_TUNABLES:
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=17179869184",
};

/** A PyTorch peer in its usual environment and with huge pages: the goal is to be reached against the better of them. */
export const pytorch = (id: string, script: string, args: readonly string[], goal: Goal): Rival[] => [
  { id, goal, worker: startWorker(script, args, { GLIBC_TUNABLES: "" }) },
  { id: `${id}, huge pages`, goal, worker: startWorker(script, args, hugePages) },
];

/** What is compared, and how. */
export interface Comparison<First> {
  /** The name of the rows. */
  readonly name: string;
  readonly ours: Worker;
  readonly rivals: readonly Rival[];
  /** The workers are asked `COMMAND COUNT`; see `serve`. */
  readonly command: string;
  /** What a run makes, for goals in which the higher ratio, of things per second, is the better. Default one COMMAND. */
  readonly makes?: { readonly count: number; readonly name: string };
  /** Throws unless the first runs of both sides gave the same. */
  readonly check: (ours: First, peer: First) => void;
  readonly say: (line: string) => void;
}

/** So often all sides are measured at most until no rival strays against which something must be reached. */
const attempts = 3;

/** About how long a worker is timed in a round, in ms. */
const roundLength = 1000;

/**
 * Judges the time of a run of ours against all rivals: medians of as many runs as take about a second, in interleaved
 * rounds, all of them once more while a rival that must be beaten strays, three times at most. Three runs of each go
 * before, with its compiling in them. The workers stay open.
 */
export async function compareRuns<First>(
  comparison: Comparison<First>,
): Promise<{ readonly ratios: Ratio[]; readonly spread: number }> {
  const { name, ours, rivals, command, makes = { count: 1, name: command }, check, say } = comparison;
  const workers: [string, Worker][] = [
    ["ours", ours],
    ...rivals.map(({ id, worker }) => [id, worker] as [string, Worker]),
  ];
  let first: First | undefined;
  const sides: Record<string, () => Promise<number>> = {};
  for (const [id, worker] of workers) {
    const answer = await worker.ask<First>(`${command} 1`);
    first ??= answer;
    check(first, answer);
    const { ms } = await worker.ask<Runs>(`${command} 2`);
    const count = Math.min(100, Math.max(1, Math.round(roundLength / ms[1]!)));
    sides[id] = async () => median((await worker.ask<Runs>(`${command} ${count}`)).ms);
  }
  const measure = () =>
    interleave(sides, (measured) => {
      const each = Object.entries(measured).map(([id, ms]) => `${id} ${ms.toPrecision(3)}`);
      say(`${name}, ms: ${each.join("; ")}`);
    });
  let times = await measure();
  const straying = () => rivals.find(({ id, goal }) => goal.must !== undefined && strays(times[id]!));
  for (let attempt = 1; attempt < attempts && straying() !== undefined; attempt++) {
    say(`${name}: ${straying()!.id} strays, all are measured again`);
    times = await measure();
  }
  const ratios = rivals.map(({ id, goal }) => {
    const rate = goal.better === "higher";
    const values = (ms: readonly number[]) => (rate ? ms.map((time) => (1000 * makes.count) / time) : ms);
    return judge(
      `${name}${rate ? `, ${makes.name} per second` : ""}/${id}`,
      values(times.ours!),
      values(times[id]!),
      goal,
    );
  });
  return { ratios, spread: Math.max(...rivals.map(({ id }) => spreadOf(times[id]!))) };
}

/** The losses of fresh models on random tokens agree: the log of the vocabulary, about. */
export const sameLoss = (ours: Trained, peer: Trained): void =>
  assertSame("loss at the start", [ours.loss], [peer.loss], 0.02);

/** What a train step answers. */
interface Trained {
  readonly loss: number;
}

/** What a worker answers to `NAME COUNT`: the wall-clock time of each of COUNT runs, in ms. */
interface Runs {
  readonly ms: readonly number[];
}
