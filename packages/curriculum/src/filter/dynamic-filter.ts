import { throwIfAborted, ValueError } from "@x/core";
import { checkInteger, checkValue } from "../checks.js";
import { checkKeep, type Keep, keepsGroup } from "./keeps-group.js";

/** A task and the rewards of its rollouts; whatever else it holds comes through. */
export interface Group {
  readonly rewards: ArrayLike<number>;
}

export interface DynamicFilterOptions {
  /** Groups to end up with. */
  readonly target: number;
  /** Which groups to keep; default `"mixed"`. */
  readonly keep?: Keep;
  /** Default 10. */
  readonly maxRounds?: number;
  /** A round asks for at most this many times the missing groups; default 4. */
  readonly maxOverAsk?: number;
  /**
   * When `maxRounds` were not enough: `error` (default) throws, `partial` ends with what there is, `pad` fills up with the
   * groups that were refused last; their advantages are 0 or nearly so, but the batch has its size.
   */
  readonly onLimit?: "error" | "partial" | "pad";
  readonly signal?: AbortSignal;
}

/** A round of `dynamicFilter`. */
export interface FilterEvent<G extends Group> {
  readonly type: "round";
  /** Rounds so far. */
  readonly step: number;
  /** `maxRounds`. */
  readonly total: number;
  readonly data: {
    /** Groups to learn from, at most `target`. */
    readonly kept: readonly G[];
    /** Groups drawn so far. */
    readonly drawn: number;
    /** Groups drawn so far that pass the filter, over the groups drawn. */
    readonly acceptRate: number;
    /** Refused groups whose rewards all were 0: too hard, or nothing to learn. */
    readonly allZero: number;
    /** Refused groups whose rewards all were 1: mastered. */
    readonly allOne: number;
    /** Groups of `kept` that are padding. */
    readonly padded: number;
    /** Whether this is the last event. */
    readonly done: boolean;
  };
}

/**
 * Draws groups until `target` of them pass the filter. The first round asks for `target`; later ones ask for as many as
 * will do at the rate so far,
 *
 *   n = min(⌈missing · drawn / passed⌉, maxOverAsk · missing).
 *
 * Of what passes in excess the first are kept. Tell a teacher about all groups before they are filtered: the refused ones
 * are what it learns most from. The last event has `done`.
 *
 * @param source - draws about `n` groups; more or fewer are fine, none counts as a round.
 * @throws ValueError for an option outside its domain, rewards that are not finite, and when the limit is reached (the
 * message counts the groups).
 * @throws AbortedError when the signal fires.
 * @paper 2503.14476 section 3.2
 */
export async function* dynamicFilter<G extends Group>(
  source: (n: number, signal?: AbortSignal) => Promise<readonly G[]> | readonly G[],
  options: DynamicFilterOptions,
): AsyncGenerator<FilterEvent<G>> {
  const { target, keep = "mixed", maxRounds = 10, maxOverAsk = 4, onLimit = "error", signal } = options;
  checkInteger("dynamicFilter", "target", target, 1);
  checkInteger("dynamicFilter", "maxRounds", maxRounds, 1);
  checkValue("dynamicFilter", "maxOverAsk", maxOverAsk, "finite and ≥ 1", maxOverAsk >= 1 && maxOverAsk < Infinity);
  checkValue(
    "dynamicFilter",
    "onLimit",
    onLimit,
    "error, partial or pad",
    ["error", "partial", "pad"].includes(onLimit),
  );
  checkKeep("dynamicFilter", keep);

  const kept: G[] = [];
  let refused: G[] = [];
  let [drawn, passed, allZero, allOne] = [0, 0, 0, 0];
  for (let round = 1; ; round++) {
    const missing = target - kept.length;
    const rate = drawn === 0 ? 1 : passed / drawn;
    const groups = await ask(source, Math.min(Math.ceil(missing / rate), Math.ceil(maxOverAsk * missing)), signal);
    const passes = groups.map((group) => keepsGroup(group.rewards, keep));
    for (const [i, group] of groups.entries()) {
      drawn++;
      if (passes[i]) {
        passed++;
        if (kept.length < target) kept.push(group);
        continue;
      }
      refused.push(group);
      if (isAll(group.rewards, 0)) allZero++;
      if (isAll(group.rewards, 1)) allOne++;
    }
    refused = refused.slice(-target);

    const found = kept.length;
    const done = found === target || round === maxRounds;
    if (found < target && done && (onLimit === "error" || (onLimit === "pad" && drawn === 0)))
      throw new ValueError(
        `dynamicFilter: source must give ${target} groups that pass in ${maxRounds} rounds, got ${found} of ${drawn} drawn (${allZero} all 0, ${allOne} all 1)`,
        { argument: "source", value: found },
      );
    if (done && onLimit === "pad") kept.push(...padding(refused.length > 0 ? refused : kept, target - found));
    const data = { kept: [...kept], drawn, acceptRate: drawn === 0 ? 0 : passed / drawn, allZero, allOne };
    yield { type: "round", step: round, total: maxRounds, data: { ...data, padded: kept.length - found, done } };
    if (done) return;
  }
}

async function ask<G>(
  source: (n: number, signal?: AbortSignal) => Promise<readonly G[]> | readonly G[],
  n: number,
  signal: AbortSignal | undefined,
): Promise<readonly G[]> {
  throwIfAborted(signal);
  try {
    return await source(n, signal);
  } finally {
    throwIfAborted(signal); // whatever came of it, or of the source's own way to give up
  }
}

const isAll = (rewards: ArrayLike<number>, value: number) =>
  Array.from(rewards).every((r) => Math.abs(r - value) <= 1e-8);

/** `n` groups, the latest first, again from the latest when there are fewer. */
const padding = <G>(groups: readonly G[], n: number): G[] =>
  Array.from({ length: n }, (_, i) => groups[groups.length - 1 - (i % groups.length)]!);
