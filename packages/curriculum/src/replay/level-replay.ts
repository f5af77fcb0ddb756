import { checkInteger, checkShare, checkValue } from "../checks.js";
import { createTeacher } from "../teacher/create-teacher.js";
import type { SignalKind } from "../teacher/signal.js";
import type { Diagnostics, Teacher, TeacherState } from "../teacher/teacher.js";
import type { Generate, LevelTask } from "./level-task.js";
import { byScore, checkMixture, mixStaleness, type ReplayMixture } from "./replay-probabilities.js";

export interface LevelReplayOptions<L> extends ReplayMixture {
  readonly seed: number | string;
  /** Makes fresh levels. */
  readonly generate: Generate<L>;
  /** Levels of one key are one level; default their JSON. */
  readonly key?: (level: L) => string;
  /** Levels remembered; default 4000. */
  readonly capacity?: number;
  /** When to replay: with probability `replayProbability`, or with the share of the memory that is filled. Default `fixed`. */
  readonly schedule?: "fixed" | "proportionate";
  /** Of `schedule: "fixed"`, default 0.95. */
  readonly replayProbability?: number;
  /** Share of the memory that must be filled before anything is replayed; default 1. */
  readonly minFill?: number;
  /** Whether to learn from fresh levels (PLR, default) or to only score them (robust PLR, PLR⊥). */
  readonly trainOnNew?: boolean;
  /** The score of a level; default `"abs-advantage"`, which is `absoluteValueLoss` of the advantages told. */
  readonly signal?: SignalKind;
}

export interface LevelReplayDiagnostics extends Diagnostics {
  /** Share of the memory that is filled. */
  readonly fill: number;
}

/** `drawnAt` counts the tickets up to the one that it was drawn with last. */
type Entry<L> = readonly [level: L, score: number, drawnAt: number];

/**
 * Prioritized level replay: remembers levels by the score they had last and replays them by `replayProbabilities`; else
 * makes a fresh one. When the memory is full a fresh level takes the place of the least probable one, if it scores higher.
 * A ticket's probability is that of its very level when replayed, else that of a fresh one.
 *
 * Differs from the paper: levels come from a generator, not from a list of seeds, as in later work; levels that tie for the
 * best under `max` share the draws. In facebookresearch/level-replay `level_sampler.py` the one-step TD error swaps value
 * and next value; tell `absoluteValueLoss` instead.
 *
 * @param saved - state of a teacher made with the same options.
 * @throws ValueError for an option outside its domain; under `power` also for a negative score told.
 * @throws StateError for state that is damaged or was made with other options.
 * @paper 2010.03934 algorithm 1
 * @paper 2110.02439 section 4
 */
export function createLevelReplay<L>(
  options: LevelReplayOptions<L>,
  saved?: TeacherState<LevelTask<L>>,
): Teacher<LevelTask<L>, LevelReplayDiagnostics> {
  const type = "createLevelReplay";
  const { seed, generate, key = JSON.stringify, capacity = 4000, schedule = "fixed" } = options;
  const { replayProbability = 0.95, minFill = 1, trainOnNew = true, signal = "abs-advantage" } = options;
  const mixture = checkMixture(type, options);
  checkInteger(type, "capacity", capacity, 1);
  checkValue(type, "schedule", schedule, "fixed or proportionate", ["fixed", "proportionate"].includes(schedule));
  checkShare(type, "replayProbability", replayProbability);
  checkShare(type, "minFill", minFill);

  const entries: Entry<L>[] = [];
  const places = new Map<string, number>();
  let drawn = 0; // so the next ticket's number
  let scored: number[] | undefined; // P_S, until an entry changes

  function probabilities(now: number): number[] {
    scored ??= byScore(
      entries.map(([, score]) => score),
      mixture.transform,
      mixture.temperature,
    );
    const ages = entries.map(([, , drawnAt]) => Math.max(0, now - drawnAt)); // less than 0 if `generate` threw
    return mixStaleness(scored, ages, mixture.stalenessCoefficient);
  }

  function put(place: number, entry: Entry<L>): void {
    entries[place] = entry;
    places.set(key(entry[0]), place);
    scored = undefined;
  }

  /** The place of the least probable entry; among equals of the lowest score. */
  function leastProbable(): number {
    const p = probabilities(drawn);
    return p.reduce((low, x, i) => (x < p[low]! || (x === p[low] && entries[i]![1] < entries[low]![1]) ? i : low), 0);
  }

  function remember(level: L, score: number, drawnAt: number): void {
    const known = places.get(key(level));
    if (known !== undefined) put(known, [level, score, Math.max(drawnAt, entries[known]![2])]);
    else if (entries.length < capacity) put(entries.length, [level, score, drawnAt]);
    else {
      const least = leastProbable();
      const [other, lowest] = entries[least]!;
      if (score <= lowest) return;
      places.delete(key(other));
      put(least, [level, score, drawnAt]);
    }
  }

  const teacher = createTeacher<LevelTask<L>>({
    type,
    seed,
    signal,
    saved,
    options: { ...mixture, capacity, schedule, replayProbability, minFill, trainOnNew },
    method: {
      draw(n, rng) {
        const fill = entries.length / capacity;
        const ready = entries.length > 0 && fill >= minFill;
        const replay = !ready ? 0 : schedule === "fixed" ? replayProbability : fill;
        const draws = Array.from({ length: n }, (_, i) => {
          if (rng.float() >= replay)
            return { task: { level: generate(rng), train: trainOnNew }, probability: 1 - replay };
          const p = probabilities(drawn + i);
          const place = rng.categorical(p);
          const [level, score] = entries[place]!;
          entries[place] = [level, score, drawn + i + 1];
          return { task: { level, train: true }, probability: replay * p[place]! };
        });
        drawn += n;
        return draws;
      },
      check(told) {
        if (mixture.transform !== "power") return;
        for (const [i, { signal }] of told.entries())
          checkValue(`${type}.tell`, "signal", signal, "≥ 0 for the transform power", signal >= 0, i);
      },
      learn(told) {
        for (const { ticket, signal } of told) remember(ticket.task.level, signal, ticket.id + 1);
      },
      save: () => ({ drawn, entries: [...entries] }),
      load(data) {
        const state = data as { readonly drawn: number; readonly entries: readonly Entry<L>[] };
        drawn = state.drawn;
        for (const [place, entry] of state.entries.entries()) put(place, entry);
      },
    },
  });
  return {
    ...teacher,
    get diagnostics() {
      return { ...teacher.diagnostics, fill: entries.length / capacity };
    },
  };
}
