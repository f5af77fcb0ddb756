import { ConfigError, type Rng } from "@x/core";
import { checkFilled, checkShare, checkValue } from "../checks.js";
import { createTeacher, type Draw } from "../teacher/create-teacher.js";
import type { SignalKind } from "../teacher/signal.js";
import type { TeacherState, Ticket, Told } from "../teacher/teacher.js";
import type { Bandit, BanditDiagnostics, BanditOptions, UnitBanditOptions } from "./bandit.js";
import { createRegret } from "./regret.js";

/** One result, as a policy learns from it. */
interface Play {
  readonly arm: number;
  readonly signal: number;
  /** The probability under which the arm was drawn. */
  readonly probability: number;
}

/** The results of one tell. */
interface Batch {
  /** All of them, in the order of their tickets. */
  readonly plays: readonly Play[];
  /** The arms that they speak of, each once. */
  readonly played: readonly number[];
  /** Results and sum of signals of every arm, 0 for the others. Do not keep them. */
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/** What sets one bandit apart from another. */
export interface Policy {
  /** All that it remembers, changed in place. */
  readonly state: Readonly<Record<string, Float64Array>>;
  /** Writes the probability of every arm in the next draw. `open` counts the open tickets of every arm. */
  probabilities(p: Float64Array, open: Float64Array): void;
  /** Whether `open` matters: then every draw of one ask has probabilities of its own. */
  readonly countsOpen?: boolean;
  /** Picks an arm, where that is cheaper than to know its probability. */
  pick?(rng: Rng): number;
  values(): Float64Array;
  learn(batch: Batch): void;
}

/** How a bandit is put together. */
interface BanditParts {
  /** Name of the creating function. */
  readonly type: string;
  readonly options: BanditOptions & Pick<UnitBanditOptions, "rescale">;
  /** The method's own options, defaults filled in. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly policy: Policy;
  /** Whether signals must be, or be made, numbers in [0, 1]. */
  readonly unit?: boolean;
  /** Default of the option `signal`. */
  readonly signal?: SignalKind;
  readonly saved: TeacherState<string> | undefined;
}

// Far from overflow, also squared and summed.
const largestSignal = 1e100;

/** The number of arms. @throws ValueError when they are none, no strings, or one is there twice. */
export function countArms(type: string, { arms }: BanditOptions): number {
  checkFilled(type, "arms", arms);
  const seen = new Set<unknown>();
  arms.forEach((arm: unknown, index) => {
    checkValue(type, "arms", arm, "a string", typeof arm === "string", index);
    checkValue(type, "arms", arm, "named once", !seen.has(arm), index);
    seen.add(arm);
  });
  return arms.length;
}

/** The bandit around a `policy`. */
export function createBandit({ type, options, own, policy, unit = false, saved, ...parts }: BanditParts): Bandit {
  const { epsilonUniform: epsilon = 0, signal = parts.signal ?? "abs-advantage", means, rescale } = options;
  const arms = [...options.arms];
  const K = arms.length;
  checkShare(type, "epsilonUniform", epsilon);
  if (rescale !== undefined) {
    if (!unit) throw new ConfigError(`${type}: rescale has no effect where signals need no range, leave it out`);
    checkValue(type, "rescale.low", rescale.low, "finite", Number.isFinite(rescale.low));
    const above = rescale.high > rescale.low && rescale.high - rescale.low < Infinity;
    checkValue(type, "rescale.high", rescale.high, `finite and > ${rescale.low}`, above);
  }
  const { low, high } = rescale ?? { low: 0, high: 1 };
  const unitSignal = (x: number) => Math.min(1, Math.max(0, (x - low) / (high - low)));
  const [least, most] = unit && rescale === undefined ? [0, 1] : [-largestSignal, largestSignal];
  const rule = unit && rescale === undefined ? "in [0, 1] unless rescale is given" : `in [${least}, ${most}]`;

  const caller = `${type}.tell`;
  const index = new Map(arms.map((arm, k) => [arm, k]));
  const next = new Float64Array(K); // probabilities of the next draw
  const [counts, sums] = [new Float64Array(K), new Float64Array(K)]; // of one batch, all 0 between batches
  const open = new Float64Array(K);
  const told = new Float64Array(K);
  const toldAt = new Float64Array(K);
  const step = new Float64Array(1);
  const regret = means && createRegret(K, means);
  const state = { open, told, toldAt, step, ...regret?.state, ...policy.state };

  function mixUniform(p: Float64Array): void {
    if (epsilon > 0) for (let k = 0; k < K; k++) p[k] = (1 - epsilon) * p[k]! + epsilon / K;
  }

  /** The probabilities of one draw; a policy that picks by itself has made up its mind. */
  function prepare(rng: Rng): void {
    if (policy.pick) next.fill(0)[policy.pick(rng)] = 1;
    else policy.probabilities(next, open);
    mixUniform(next);
  }
  const eachDraw = policy.pick !== undefined || policy.countsOpen === true;

  function probabilities(): Float64Array {
    const p = new Float64Array(K);
    policy.probabilities(p, open);
    mixUniform(p);
    return p;
  }

  const teacher = createTeacher<string>({
    type,
    seed: options.seed,
    signal,
    saved,
    options: { arms, epsilonUniform: epsilon, ...(rescale && { rescale: { low, high } }), regret: !!means, ...own },
    method: {
      draw(n, rng) {
        const drawn: Draw<string>[] = [];
        for (let i = 0; i < n; i++) {
          if (i === 0 || eachDraw) prepare(rng);
          const arm = rng.categorical(next);
          open[arm]!++;
          drawn.push({ task: arms[arm]!, probability: next[arm]! });
        }
        return drawn;
      },
      check(results) {
        for (let i = 0; i < results.length; i++) {
          const { ticket, signal } = results[i]!;
          checkValue(caller, "signal", signal, rule, signal >= least && signal <= most, i);
          regret?.check(caller, ticket.id);
        }
      },
      close(tickets: readonly Ticket<string>[]) {
        for (const { task } of tickets) open[index.get(task)!]!--;
      },
      learn(results: readonly Told<string>[]) {
        const plays: Play[] = [];
        const played: number[] = [];
        for (const { ticket, signal: x } of results) {
          const arm = index.get(ticket.task)!;
          const signal = unit ? unitSignal(x) : x;
          if (counts[arm]!++ === 0) played.push(arm);
          sums[arm]! += signal;
          plays.push({ arm, signal, probability: ticket.probability });
          regret?.add(ticket.id, arm);
        }
        policy.learn({ plays, played, counts, sums });
        step[0]!++;
        for (const k of played) {
          told[k]! += counts[k]!;
          toldAt[k] = step[0]!;
          counts[k] = sums[k] = 0;
        }
      },
      save: () => Object.fromEntries(Object.entries(state).map(([name, values]) => [name, Array.from(values)])),
      load(data) {
        const saved = data as Record<keyof typeof state, number[]>;
        for (const [name, values] of Object.entries(state)) values.set(saved[name as keyof typeof state]);
      },
    },
  });

  return {
    ask: teacher.ask,
    tell: teacher.tell,
    cancel: teacher.cancel,
    toJSON: teacher.toJSON,
    arms,
    probabilities,
    values: policy.values,
    get diagnostics(): BanditDiagnostics {
      const entropy = probabilities().reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
      return {
        ...teacher.diagnostics,
        counts: Array.from(told),
        staleness: Array.from(toldAt, (at) => step[0]! - at),
        coverage: told.reduce((sum, n) => (n > 0 ? sum + 1 : sum), 0) / K,
        entropy,
        effectiveArms: Math.exp(entropy),
        ...(regret && { regret: regret.value() }),
      };
    },
  };
}
